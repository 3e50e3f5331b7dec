package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// device is an authenticator with one passkey (ES256), in software.
type device struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle string // what its person is called on it, as the daemon said
	used   uint32
}

func newDevice(t testing.TB) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text())}
}

func inBase64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// asked is what a page's script is told to ask a device for.
type asked struct {
	Challenge string
	User      struct{ ID string }
}

func (d *device) begin(b *browserOf, path, body string) (a asked) {
	d.t.Helper()
	w := b.json(path+"/begin", body)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return a
}

// add has a browser keep the device's passkey, by a page's path.
func (d *device) add(b *browserOf, path string) *httptest.ResponseRecorder {
	d.t.Helper()
	a := d.begin(b, path, "{}")
	d.handle = a.User.ID
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	// COSE (RFC 9053): an EC2 key on P-256 for ES256; its halves follow the byte of an
	// uncompressed point.
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	cose = append(append(cose, 0x22, 0x58, 0x20), point[33:]...)
	data := d.data(0x45) // present, verified, with a credential
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), cose...)
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(object, 0x67), "attStmt"...)
	object = append(append(object, 0xa0, 0x68), "authData"...)
	object = append(binary.BigEndian.AppendUint16(append(object, 0x59), uint16(len(data))), data...)
	return d.answer(b, path, map[string]any{
		"clientDataJSON": inBase64(d.client("webauthn.create", a.Challenge)), "attestationObject": inBase64(object),
	})
}

// signIn signs a browser in.
func (d *device) signIn(b *browserOf) *httptest.ResponseRecorder {
	d.t.Helper()
	a := d.begin(b, "/sign-in/passkey", "{}")
	d.used++
	client, data := d.client("webauthn.get", a.Challenge), d.data(0x05)
	digest := sha256.Sum256(client)
	digest = sha256.Sum256(append(data[:len(data):len(data)], digest[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(b, "/sign-in/passkey", map[string]any{
		"clientDataJSON": inBase64(client), "authenticatorData": inBase64(data), "signature": inBase64(signature), "userHandle": d.handle,
	})
}

func (d *device) client(kind, challenge string) []byte {
	d.t.Helper()
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": home, "crossOrigin": false})
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// data begins an authenticator's (W3C Web Authentication, 6.1).
func (d *device) data(flags byte) []byte {
	party := sha256.Sum256([]byte(strings.TrimPrefix(home, "https://")))
	return binary.BigEndian.AppendUint32(append(party[:], flags), d.used)
}

func (d *device) answer(b *browserOf, path string, response map[string]any) *httptest.ResponseRecorder {
	d.t.Helper()
	text, err := json.Marshal(map[string]any{"name": "soft", "answer": map[string]any{
		"id": inBase64(d.id), "rawId": inBase64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response,
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	return b.json(path, string(text))
}

// TestPasskeyOfADevice: added, it signs in; an answer counts once.
func TestPasskeyOfADevice(t *testing.T) {
	l := newLodge(t, home)
	alice, d := l.member("alice", secret), newDevice(t)
	wantCode(t, d.add(alice, "/people/alice/passkeys"), http.StatusOK)
	b := l.browser("192.0.2.8")
	wantCode(t, d.signIn(b), http.StatusOK, `"to":"/now"`)
	if !b.inside() {
		t.Error("it is not signed in")
	}
}
