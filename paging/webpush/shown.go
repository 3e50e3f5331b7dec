package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// ShownPath begins the path at which a phone says that it showed a push; a token
// follows.
const ShownPath = "/push/shown/"

// Shown is a push to one device.
type Shown struct {
	Source string         `json:"s"`
	Key    ticket.PageKey `json:"k"`
	Device string         `json:"d"`
}

// ErrToken is of a token that is none of ours.
var ErrToken = errors.New("webpush: this token stands for no push")

// token seals a push into a text that nobody can guess, read or change, so that
// nothing has to be written down for it before the push goes out.
func (k *Keys) token(s Shown) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	seal, err := k.seal()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, seal.NonceSize(), seal.NonceSize()+len(text)+seal.Overhead())
	_, _ = rand.Read(nonce) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(seal.Seal(nonce, nonce, text, nil)), nil
}

// Opened is the push of a token; ErrToken if it is none of ours.
func (k *Keys) Opened(token string) (s Shown, err error) {
	if len(token) > ticket.MaxShownToken {
		return s, ErrToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return s, ErrToken
	}
	seal, err := k.seal()
	if err != nil {
		return s, err
	}
	if len(raw) < seal.NonceSize() {
		return s, ErrToken
	}
	text, err := seal.Open(nil, raw[:seal.NonceSize()], raw[seal.NonceSize():], nil)
	if err != nil || json.Unmarshal(text, &s) != nil {
		return Shown{}, ErrToken
	}
	return s, nil
}

func (k *Keys) seal() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.shown[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Receipt is what a push that was shown means for its page.
func (s *Shown) Receipt() paging.Receipt {
	return paging.Receipt{Source: s.Source, Key: s.Key, State: ticket.PageDelivered}
}
