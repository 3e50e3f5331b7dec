package phonetest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of the web push protocol.
const (
	maxWebPush  = 4096           // bytes of a message (RFC 8030, 7.2)
	maxVAPID    = 24 * time.Hour // the longest time that a signed token is valid (RFC 8292, 2)
	mostSeconds = 4 * 7 * 24 * 3600
)

var topicForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// webPush is POST to a subscription's endpoint. It answers 201 with the
// message's address, or a push service's refusal.
func (w *World) webPush(rw http.ResponseWriter, r *http.Request) {
	endpoint := w.pushURL() + r.URL.Path
	w.mu.Lock()
	b := w.browsers[endpoint]
	w.mu.Unlock()
	if b == nil {
		w.refuse(rw, Push, endpoint, pushError(http.StatusNotFound, "NoSuchSubscription"))
		return
	}
	key, err := w.checkVAPID(r)
	switch {
	case err != nil:
		w.refuse(rw, Push, endpoint, pushError(http.StatusForbidden, err.Error()))
		return
	case !w.bound(b, key):
		w.refuse(rw, Push, endpoint, pushError(http.StatusForbidden, "VapidPkHashMismatch"))
		return
	}
	rec, status, err := w.readPush(http.MaxBytesReader(rw, r.Body, maxRequest), r.Header, b)
	if err != nil {
		w.refuse(rw, Push, endpoint, pushError(status, err.Error()))
		return
	}
	w.mu.Lock()
	gone := b.gone
	w.mu.Unlock()
	if gone {
		w.refuse(rw, Push, endpoint, pushError(http.StatusGone, "Unregistered"))
		return
	}
	rec.To, rec.phone, rec.browser, rec.SID = endpoint, b.phone, b, randomHex()
	w.settle(rw, r, rec, func(rec *record) answer {
		return answer{status: http.StatusCreated, mime: "text/plain", location: w.pushURL() + "/m/" + rec.SID}
	})
}

func pushError(status int, reason string) answer {
	a := jsonAnswer(status, map[string]string{"reason": reason})
	a.code = reason
	return a
}

// bound says whether a subscription takes pushes that this key signed.
func (w *World) bound(b *browser, key string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.key == "" {
		b.key = key
	}
	return b.key == key
}

// readPush checks the headers of a push and decrypts it as the browser would.
// The result is a record that nobody has accepted yet.
func (w *World) readPush(body io.Reader, h http.Header, b *browser) (*record, int, error) {
	ttl, err := strconv.Atoi(h.Get("TTL"))
	switch {
	case err != nil || ttl < 0 || ttl > mostSeconds:
		return nil, http.StatusBadRequest, said("BadTtl")
	case !slices.Contains([]string{"very-low", "low", "normal", "high"}, h.Get("Urgency")):
		return nil, http.StatusBadRequest, said("BadUrgency")
	case h.Get("Topic") != "" && !topicForm.MatchString(h.Get("Topic")):
		return nil, http.StatusBadRequest, said("BadWebPushTopic")
	case h.Get("Content-Encoding") != "aes128gcm":
		return nil, http.StatusBadRequest, said("BadContentEncoding")
	}
	sealed, err := io.ReadAll(body)
	if err != nil || len(sealed) > maxWebPush {
		return nil, http.StatusRequestEntityTooLarge, said("PayloadTooLarge")
	}
	plain, err := decrypt(sealed, b.private, b.auth)
	if err != nil {
		return nil, http.StatusBadRequest, said("not decrypted: " + err.Error())
	}
	rec := &record{Message: Message{
		Kind: Push, Status: "accepted", Raw: plain, Data: map[string]string{},
		Topic: h.Get("Topic"), PushUrgency: h.Get("Urgency"), TTL: time.Duration(ttl) * time.Second,
	}}
	if err := rec.show(plain); err != nil {
		return nil, http.StatusBadRequest, said("a browser would show nothing: " + err.Error())
	}
	return rec, 0, nil
}

// Opened is the push that a browser would show for a request to its endpoint. Nothing
// is delivered by it.
func (w *World) Opened(endpoint string, h http.Header, body []byte) (Message, error) {
	w.mu.Lock()
	b := w.browsers[endpoint]
	w.mu.Unlock()
	if b == nil {
		return Message{}, said("no subscription has this endpoint")
	}
	rec, _, err := w.readPush(bytes.NewReader(body), h, b)
	if err != nil {
		return Message{}, err
	}
	return rec.Message, nil
}

// show reads a declarative push message as a browser does (W3C Push API).
func (rec *record) show(plain []byte) error {
	var m struct {
		WebPush      int `json:"web_push"`
		Notification struct {
			Title    string         `json:"title"`
			Body     string         `json:"body"`
			Navigate string         `json:"navigate"`
			Tag      string         `json:"tag"`
			Renotify bool           `json:"renotify"`
			Data     map[string]any `json:"data"`
		} `json:"notification"`
	}
	if err := json.Unmarshal(plain, &m); err != nil {
		return err
	}
	n := &m.Notification
	switch {
	case m.WebPush != 8030:
		return said("web_push is not 8030")
	case n.Title == "" || !strings.Contains(n.Navigate, "://"):
		return said("title and navigate are wanted")
	case n.Renotify && n.Tag == "":
		return said("renotify needs a tag")
	}
	rec.Title, rec.Body = n.Title, n.Body
	for key, value := range n.Data {
		if text, ok := value.(string); ok {
			rec.Data[key] = text
		}
	}
	return nil
}

// checkVAPID checks the signed token of a push (RFC 8292) and returns the key that
// signed it.
func (w *World) checkVAPID(r *http.Request) (key string, err error) {
	params, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid ")
	if !ok {
		return "", said("BadAuthorizationHeader")
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(params, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		values[name] = value
	}
	token, key := values["t"], values["k"]
	signed, signature, found := cutLast(token, ".")
	head, claims, both := strings.Cut(signed, ".")
	if !found || !both {
		return "", said("BadJwtToken")
	}
	if err := checkES256(signed, signature, key); err != nil {
		return "", err
	}
	var header struct{ Alg, Typ string }
	var c struct {
		Aud, Sub string
		Exp      int64
	}
	if readPart(head, &header) != nil || readPart(claims, &c) != nil || header.Alg != "ES256" || header.Typ != "JWT" {
		return "", said("BadJwtToken")
	}
	holds := time.Unix(c.Exp, 0).Sub(w.opt.Machine())
	switch {
	case c.Aud != w.pushURL():
		return "", said("BadJwtToken: aud")
	case holds <= 0:
		return "", said("ExpiredJwtToken")
	case holds > maxVAPID:
		return "", said("BadJwtToken: exp")
	case !reachable(c.Sub):
		return "", said("BadJwtToken: sub")
	}
	return key, nil
}

// reachable says whether somebody can be asked at this subject, as Apple's
// push service checks it.
func reachable(subject string) bool {
	at := strings.LastIndexAny(subject, "@/")
	host := subject[at+1:]
	for _, end := range []string{"localhost", ".local", ".invalid"} {
		if strings.HasSuffix(host, end) {
			return false
		}
	}
	return (strings.HasPrefix(subject, "mailto:") || strings.HasPrefix(subject, "https://")) && strings.Contains(host, ".")
}

func readPart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// checkES256 verifies a signature by a key, both in base64url.
func checkES256(signed, signature, key string) error {
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(sig) != 64 {
		return said("BadJwtToken: signature")
	}
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return said("BadJwtToken: k")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		return said("BadJwtToken: k")
	}
	sum := sha256.Sum256([]byte(signed))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return said("BadJwtToken: signature")
	}
	return nil
}
