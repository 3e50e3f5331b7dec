package phonetest

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

const fcmScope = "https://www.googleapis.com/auth/firebase.messaging"

func TestTokenEndpointRefuses(t *testing.T) {
	w := New(Options{})
	t.Cleanup(w.Close)
	good := map[string]any{"iss": w.clientEmail(), "aud": w.tokenURL(), "iat": 1000, "exp": 4600}
	with := func(name string, value any) string {
		claims := map[string]any{}
		for k, v := range good {
			claims[k] = v
		}
		claims[name] = value
		return assertion(t, w, claims)
	}
	valid := assertion(t, w, good)
	for _, tt := range []struct {
		name, grant, assertion string
		status                 int
		want                   string
	}{
		{"nothing", jwtBearer, valid, 200, `"access_token":"ya29.`},
		{"another grant", "client_credentials", valid, 400, "unsupported_grant_type"},
		{"no assertion", jwtBearer, "", 400, "invalid_grant"},
		{"a changed assertion", jwtBearer, strings.Replace(valid, ".", ".e30", 1), 400, "Invalid JWT Signature"},
		{"another account", jwtBearer, with("iss", "x@y.test"), 400, "account not found"},
		{"another endpoint", jwtBearer, with("aud", "https://oauth2.googleapis.com/token"), 400, "audience"},
		{"a long life", jwtBearer, with("exp", 5000), 400, "short-lived"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := url.Values{"grant_type": {tt.grant}, "assertion": {tt.assertion}}
			res, body := post(t, w, "/token", formType, form.Encode(), nil)
			if res.StatusCode != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("%d %s, want %d with %s", res.StatusCode, body, tt.status, tt.want)
			}
		})
	}
}

// assertion signs claims as the service account does.
func assertion(t *testing.T, w *World, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	key, err := w.key()
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(sig)
}

// Google's own client of service accounts, in a bubble: it fetches its access
// token in process, and a fault of the token endpoint stops it.
func TestServiceAccountInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := inBubble(t, Options{Delay: time.Second})
		alice := w.Phone("alice", aliceNumber)
		alice.Register("token-a")
		credentials, err := w.Credentials()
		if err != nil {
			t.Fatal(err)
		}
		config, err := google.JWTConfigFromJSON(credentials, fcmScope)
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: w.RoundTripper()})
		send := func() (*http.Response, error) {
			return config.Client(ctx).Post(w.URL()+"/v1/projects/"+w.Project()+"/messages:send", "application/json",
				strings.NewReader(`{"message":{"token":"token-a","notification":{"title":"t","body":"b"}}}`))
		}
		w.SetFault(Fault{Kind: OAuth, Status: 503, Times: 1})
		if res, err := send(); err == nil {
			_ = res.Body.Close()
			t.Error("pushed without an access token")
		}
		res, err := send()
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		alice.ExpectNothing(t)
		alice.ExpectPush(t, "t", "b") // a second of the bubble later
	})
}
