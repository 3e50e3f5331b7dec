package phonetest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

const (
	jwtBearer    = "urn:ietf:params:oauth:grant-type:jwt-bearer" // RFC 7523
	maxAssertion = 3600                                          // the longest time that an assertion may be valid, in seconds
	bearerHolds  = 3599                                          // how long an access token is valid, in seconds
)

// processKey is the key of every World that is given none. Making one takes
// longer than most tests.
var processKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// clientEmail is the service account.
func (w *World) clientEmail() string {
	return "astreinte@" + w.opt.Project + ".iam.gserviceaccount.com"
}

func (w *World) tokenURL() string { return w.URL() + "/token" }

// Credentials returns the JSON of a service account of the project. Its
// token_uri is the World's: the listener's after Start, and before that one
// that only the RoundTripper answers. The key is made at a process' first call.
func (w *World) Credentials() ([]byte, error) {
	key, err := w.key()
	if err != nil {
		return nil, fmt.Errorf("phonetest: make the service account's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("phonetest: encode the service account's key: %w", err)
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	raw, err := json.MarshalIndent(map[string]string{
		"type":           "service_account",
		"project_id":     w.opt.Project,
		"private_key_id": "1",
		"private_key":    string(keyPEM),
		"client_email":   w.clientEmail(),
		"client_id":      "100000000000000000000",
		"auth_uri":       w.URL() + "/auth",
		"token_uri":      w.tokenURL(),
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("phonetest: encode the service account: %w", err)
	}
	return raw, nil
}

// oauthToken is Google's token endpoint. It gives an access token for an
// assertion that the service account signed (RFC 7523).
func (w *World) oauthToken(rw http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(rw, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		w.refuse(rw, OAuth, "", oauthError("invalid_request", err.Error()))
		return
	}
	if grant := r.PostForm.Get("grant_type"); grant != jwtBearer {
		w.refuse(rw, OAuth, "", oauthError("unsupported_grant_type", "Invalid grant_type: "+grant))
		return
	}
	if err := w.checkAssertion(r.PostForm.Get("assertion")); err != nil {
		w.refuse(rw, OAuth, "", oauthError("invalid_grant", err.Error()))
		return
	}
	rec := &record{Message: Message{Kind: OAuth}}
	w.settle(rw, r, rec, w.issueBearer)
}

func (w *World) issueBearer(*record) answer {
	token := "ya29." + randomHex()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bearers[token] = true
	return jsonAnswer(http.StatusOK, map[string]any{
		"access_token": token, "expires_in": bearerHolds, "token_type": "Bearer",
	})
}

func oauthError(code, description string) answer {
	a := jsonAnswer(http.StatusBadRequest, map[string]string{
		"error": code, "error_description": description,
	})
	a.code = code
	return a
}

// checkAssertion verifies a JWT's signature. The JWT must be from the account,
// for this endpoint, and valid for an hour at most. Its times are compared
// with each other, not with a clock: the demo's clock may run faster than its
// client's.
func (w *World) checkAssertion(assertion string) error {
	signed, sig, found := cutLast(assertion, ".")
	_, payload, _ := strings.Cut(signed, ".")
	if !found || payload == "" {
		return said("Invalid JWT: not three parts")
	}
	if err := w.checkSignature(signed, sig); err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return said("Invalid JWT: " + err.Error())
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		return said("Invalid JWT: " + err.Error())
	}
	switch holds := claims.Expires - claims.Issued; {
	case claims.Issuer != w.clientEmail():
		return said("Invalid grant: account not found")
	case claims.Audience != w.tokenURL():
		return said("Invalid JWT: Failed audience check.")
	case holds <= 0 || holds > maxAssertion:
		return said("Invalid JWT: Token must be a short-lived token (60 minutes)")
	}
	return nil
}

func (w *World) checkSignature(signed, sig string) error {
	key, err := w.key()
	if err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err == nil {
		sum := sha256.Sum256([]byte(signed))
		err = rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], raw)
	}
	if err != nil {
		return said("Invalid JWT Signature.")
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
