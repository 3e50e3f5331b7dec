package openid

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/signin/openid/openidtest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// between changes what a provider answers on a path.
type between struct {
	http.RoundTripper
	path   string
	change func(r *http.Request, body []byte) (status int, answer []byte)
}

// RoundTrip implements http.RoundTripper.
func (b between) RoundTrip(r *http.Request) (*http.Response, error) {
	w, err := b.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, b.path) {
		return w, err
	}
	body, err := io.ReadAll(w.Body)
	if err != nil {
		return nil, err
	}
	out := httptest.NewRecorder()
	out.Header().Set("Content-Type", "application/json")
	status, answer := b.change(r, body)
	out.WriteHeader(status)
	_, _ = out.Write(answer)
	return out.Result(), nil
}

const (
	discovery = "/.well-known/openid-configuration"
	tokens    = "/oauth/token"
	keys      = "/keys"
)

// intercept has the provider's answers on a path changed.
func (h *house) intercept(path string, change func(r *http.Request, body []byte) (int, []byte)) {
	h.client.Transport = bounded{between{h.idp, path, change}}
}

// resigned replaces the token of an answer by one with this header, signed by sign.
func resigned(answer []byte, header string, sign func(what string) []byte) []byte {
	var all map[string]any
	_ = json.Unmarshal(answer, &all) // a test that this fails sees nobody
	parts := strings.Split(fmt.Sprint(all["id_token"]), ".")
	what := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1]
	all["id_token"] = what + "." + base64.RawURLEncoding.EncodeToString(sign(what))
	answer, _ = json.Marshal(all)
	return answer
}

func hs256(key string) func(what string) []byte {
	return func(what string) []byte {
		mac := hmac.New(sha256.New, []byte(key))
		_, _ = mac.Write([]byte(what))
		return mac.Sum(nil)
	}
}

// TestTokensThatNothingSigned: a token counts by a key that only the provider has, whatever
// it says of how it is signed.
func TestTokensThatNothingSigned(t *testing.T) {
	nothing := func(string) []byte { return nil }
	for name, c := range map[string]struct {
		header string
		sign   func(what string) []byte
	}{
		"none":                       {`{"alg":"none"}`, nothing},
		"None":                       {`{"alg":"None","kid":"one"}`, nothing},
		"by the client's secret":     {`{"alg":"HS256"}`, hs256(openidtest.Secret)},
		"… by the name of a key":     {`{"alg":"HS256","kid":"one"}`, hs256(openidtest.Secret)},
		"by the client's name":       {`{"alg":"HS256","kid":"one"}`, hs256(openidtest.ClientID)},
		"by a key that it brings":    {`{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}`, func(string) []byte { return make([]byte, 64) }},
		"by a key somewhere":         {`{"alg":"ES256","jku":"https://evil.example/keys","kid":"evil"}`, func(string) []byte { return make([]byte, 64) }},
		"a signature of zeros":       {`{"alg":"ES256","kid":"one"}`, func(string) []byte { return make([]byte, 64) }},
		"another kind of its key":    {`{"alg":"RS256","kid":"one"}`, func(string) []byte { return make([]byte, 256) }},
		"a signature without an end": {`{"alg":"ES256","kid":"one"}`, func(string) []byte { return make([]byte, ticket.MaxProviderToken) }},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.idp.Comes("sub", says("alice@example.net", true))
				h.intercept(tokens, func(_ *http.Request, body []byte) (int, []byte) {
					return http.StatusOK, resigned(body, c.header, c.sign)
				})
				if got, err := h.signIn(); got != "" || !errors.Is(err, ErrAway) {
					h.t.Errorf("it is %q (%v)", got, err)
				}
			})
		})
	}
}

// TestAProviderThatSaysTooMuch: its keys, its token and its own addresses are bounded, and
// so is what one sign-in costs.
func TestAProviderThatSaysTooMuch(t *testing.T) {
	key := func(bytes int) string {
		return `{"kty":"RSA","alg":"RS256","use":"sig","e":"fwAAAQ","n":"` + base64.RawURLEncoding.EncodeToString(append([]byte{0x80}, make([]byte, bytes)...)) + `"}`
	}
	for name, c := range map[string]struct {
		path   string
		change func(body []byte) []byte
	}{
		"ten megabytes of keys": {keys, func([]byte) []byte {
			return []byte(`{"keys":[` + strings.Repeat(key(256)+",", 10<<20/400) + key(256) + `]}`)
		}},
		"a key of a megabyte": {keys, func([]byte) []byte { return []byte(`{"keys":[` + key(1<<20) + `]}`) }},
		"keys that are long": {keys, func([]byte) []byte {
			return []byte(`{"keys":[` + strings.Repeat(key(12<<10)+",", 14) + key(12<<10) + `]}`)
		}},
		"keys in each other":      {keys, func([]byte) []byte { return []byte(`{"keys":` + strings.Repeat("[", 200_000)) }},
		"no keys":                 {keys, func([]byte) []byte { return []byte(`{"keys":[]}`) }},
		"a page in place of keys": {keys, func([]byte) []byte { return []byte("<html>") }},
		"a token of a megabyte": {tokens, func([]byte) []byte {
			return []byte(`{"token_type":"Bearer","access_token":"x","id_token":"` + strings.Repeat("x.", 1<<20) + `"}`)
		}},
		"no token":                {tokens, func([]byte) []byte { return []byte(`{"token_type":"Bearer","access_token":"x"}`) }},
		"a token that is no text": {tokens, func([]byte) []byte { return []byte(`{"token_type":"Bearer","access_token":"x","id_token":{"a":1}}`) }},
		"a token of one part":     {tokens, func([]byte) []byte { return []byte(`{"token_type":"Bearer","access_token":"x","id_token":"x"}`) }},
		"names of half a megabyte": {discovery, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`{`), []byte(`{"x":"`+strings.Repeat("x", 1<<19)+`",`), 1)
		}},
		"where a secret goes, in clear": {discovery, func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"`+openidtest.Issuer+tokens), []byte(`"http://login.example.net/realms/acme`+tokens))
		}},
		"where its keys are, in clear": {discovery, func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"`+openidtest.Issuer+keys), []byte(`"http://169.254.169.254/latest/meta-data`+keys))
		}},
		"where browsers go, a script": {discovery, func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"authorization_endpoint":"https`), []byte(`"authorization_endpoint":"javascript`))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.idp.Comes("sub", says("alice@example.net", true))
				changed := false
				h.intercept(c.path, func(_ *http.Request, body []byte) (int, []byte) {
					answer := c.change(body)
					changed = changed || !bytes.Equal(answer, body)
					return http.StatusOK, answer
				})
				began := time.Now()
				to, kept, err := h.Begin(h.t.Context(), "/")
				if err == nil {
					_, _, err = h.Finish(h.t.Context(), kept, h.idp.Browse(h.t, to))
				}
				if !errors.Is(err, ErrAway) || !changed {
					h.t.Errorf("%.300v, changed: %t", err, changed)
				}
				if took := time.Since(began); took > 0 { // of the bubble's clock
					h.t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// TestAProviderThatIsSlow: whoever comes while eight wait is told so at once, and who
// waits is told so in fifteen seconds.
func TestAProviderThatIsSlow(t *testing.T) {
	inHouse(t, func(h *house) {
		h.idp.Comes("sub", says("alice@example.net", true))
		to, kept := h.begin("/")
		query := h.idp.Browse(h.t, to)
		h.client.Transport = bounded{drip{}}
		ended := make(chan time.Duration, atOnce)
		began := time.Now()
		for range atOnce {
			go func() {
				_, _, err := h.Finish(h.t.Context(), kept, query)
				if !errors.Is(err, ErrAway) {
					h.t.Errorf("%v", err)
				}
				ended <- time.Since(began)
			}()
		}
		time.Sleep(time.Second)
		if _, _, err := h.Finish(h.t.Context(), kept, query); !errors.Is(err, ErrAway) || time.Since(began) != time.Second {
			h.t.Errorf("%v after %s", err, time.Since(began))
		}
		for range atOnce {
			if took := <-ended; took > finishTakes {
				h.t.Errorf("it took %s", took)
			}
		}
		h.client.Transport = bounded{h.idp}
		if got, _, err := h.Finish(h.t.Context(), kept, query); got != "alice" || err != nil {
			h.t.Errorf("afterwards it is %q (%v)", got, err)
		}
	})
}

// drip answers a byte a second.
type drip struct{}

// RoundTrip implements http.RoundTripper.
func (drip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: dripping{r}}, nil
}

type dripping struct{ r *http.Request }

// Read implements io.Reader.
func (d dripping) Read(p []byte) (int, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		p[0] = ' '
		return 1, nil
	case <-d.r.Context().Done():
		return 0, d.r.Context().Err()
	}
}

// Close implements io.Closer.
func (dripping) Close() error { return nil }

// TestAFloodOfAnswersKeepsNothing: thousands who come back with answers that are none
// leave no record, and no question to the provider where the browser had not begun.
func TestAFloodOfAnswersKeepsNothing(t *testing.T) {
	inHouse(t, func(h *house) {
		asked := 0
		h.intercept(tokens, func(_ *http.Request, _ []byte) (int, []byte) {
			asked++
			return http.StatusBadRequest, []byte(`{"error":"invalid_grant"}`)
		})
		to, kept := h.begin("/")
		query := h.idp.Browse(h.t, to)
		for i := range 2000 {
			forged := map[string][]string{"state": {fmt.Sprint(i)}, "code": {"x"}}
			if _, _, err := h.Finish(h.t.Context(), kept, forged); !errors.Is(err, ErrStale) {
				h.t.Fatal(err)
			}
			if _, _, err := h.Begin(h.t.Context(), "/"); err != nil {
				h.t.Fatal(err)
			}
		}
		if asked != 0 {
			h.t.Errorf("the provider was asked %d times", asked)
		}
		if _, _, err := h.Finish(h.t.Context(), kept, query); !errors.Is(err, ErrRefused) || asked == 0 || asked > 2 {
			h.t.Errorf("%v, %d", err, asked)
		}
		for _, kind := range []string{kindIdentity, kindBound} {
			list, err := h.store.Records().List(h.t.Context(), "house", kind, "", 10)
			if err != nil || len(list) != 0 {
				h.t.Errorf("%d records of kind %q (%v)", len(list), kind, err)
			}
		}
	})
}
