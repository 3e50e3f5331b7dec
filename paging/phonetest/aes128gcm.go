package phonetest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// lastRecord ends what the last record of a message says (RFC 8188, 2).
const lastRecord = 2

// decrypt is what a browser makes of a push: RFC 8291 over one record of RFC 8188.
func decrypt(sealed []byte, private *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	const head = 16 + 4 + 1
	if len(sealed) < head {
		return nil, errors.New("no header")
	}
	salt, size, n := sealed[:16], binary.BigEndian.Uint32(sealed[16:20]), int(sealed[20])
	if len(sealed) < head+n {
		return nil, errors.New("no key in the header")
	}
	keyID, record := sealed[head:head+n], sealed[head+n:]
	if size < 18 || len(record) > int(size) {
		return nil, errors.New("more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(keyID)
	if err != nil {
		return nil, err
	}
	secret, err := private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(private.PublicKey().Bytes()) + string(keyID)
	ikm, err1 := hkdf.Key(sha256.New, secret, auth, info, 32)
	cek, err2 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce, err3 := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := gcm.Open(nil, nonce, record, nil)
	if err != nil {
		return nil, err
	}
	plain := bytes.TrimRight(padded, "\x00")
	if !bytes.HasSuffix(plain, []byte{lastRecord}) {
		return nil, errors.New("no mark at the end of the last record")
	}
	return plain[:len(plain)-1], nil
}
