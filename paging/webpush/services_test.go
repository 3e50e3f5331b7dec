package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/paging"
)

// point is a key that any browser may have.
func point(t *testing.T) []byte {
	t.Helper()
	number := make([]byte, 32)
	number[31] = 7
	key, err := ecdh.P256().NewPrivateKey(number)
	if err != nil {
		t.Fatal(err)
	}
	return key.PublicKey().Bytes()
}

func TestSubscriptions(t *testing.T) {
	key, auth := base64.RawURLEncoding.EncodeToString(point(t)), strings.Repeat("A", 22)
	allow := []string{"https://push.example.net", "http://127.0.0.1:4012"}
	good := map[string]string{ // by endpoint
		"https://fcm.googleapis.com/fcm/send/abc:APA91":               "google",
		"https://updates.push.services.mozilla.com/wpush/v2/gAAAA":    "mozilla",
		"https://web.push.apple.com/QOa":                              "apple",
		"https://wns2-par02p.notify.windows.com/w/?token=BQYA%2b":     "microsoft",
		"https://push.example.net/x":                                  "other",
		"https://PUSH.example.net:443/x":                              "other",
		"http://127.0.0.1:4012/push/1":                                "other",
		"https://fcm.googleapis.com/" + strings.Repeat("x", 2<<10-27): "google",
	}
	for endpoint, want := range good {
		if _, err := Check(paging.Subscription{Endpoint: endpoint, P256dh: key, Auth: auth}, allow); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
		if name, _ := serviceOf(endpoint, allow); name != want {
			t.Errorf("%s is of %q", endpoint, name)
		}
	}
	for _, endpoint := range []string{
		"", "x", "/push", "https:", "https://", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:443/x", "https://fcm.googleapis.com:8443/x",
		"https://user@fcm.googleapis.com/x", "https://fcm.googleapis.com@127.0.0.1/x", "https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest/meta-data",
		"https://2130706433/x", "https://0x7f.1/x", "https://localhost/x", "https://fcm.googleapis.com.evil.example/x", "https://evilfcm.googleapis.com/x",
		"https://push.apple.com/x", "https://evilpush.apple.com/x", "https://.push.apple.com.evil.example/x", "https://a.push.apple.com#.push.apple.com",
		"https://evil.example/.push.apple.com", "https://evil.example\\.push.apple.com/x", "https://fcm.googleapis.com/a b", "https://fcm.googleapis.com/\r\nHost: x",
		"https://push.example.net:8443/x", "http://push.example.net/x", "https://sub.push.example.net/x", "http://127.0.0.1:4013/x", "http://127.0.0.1/x",
		"gopher://fcm.googleapis.com/x", "https://fcm.googleapis.com/" + strings.Repeat("x", 10<<10), "https://fcm.googleapis.com./x", "https://fcm.googleapis.com%00.evil.example/x",
	} {
		if _, err := Check(paging.Subscription{Endpoint: endpoint, P256dh: key, Auth: auth}, allow); err == nil {
			t.Errorf("%.80q is taken", endpoint)
		} else if len(err.Error()) > 300 {
			t.Errorf("%.80q: %d bytes of an error", endpoint, len(err.Error()))
		}
	}
}

func TestKeysOfSubscriptions(t *testing.T) {
	const endpoint = "https://fcm.googleapis.com/x"
	key, auth := point(t), make([]byte, 16)
	std := paging.Subscription{Endpoint: endpoint, P256dh: base64.StdEncoding.EncodeToString(key), Auth: base64.StdEncoding.EncodeToString(auth)}
	kept, err := Check(std, nil)
	if err != nil || kept.P256dh != base64.RawURLEncoding.EncodeToString(key) || strings.Contains(kept.Auth, "=") {
		t.Errorf("%+v, %v", kept, err)
	}
	off := append([]byte{}, key...)
	off[64] ^= 1
	for name, k := range map[string][]byte{"off the curve": off, "short": key[:64], "long": append(append([]byte{}, key...), 0), "compressed": append([]byte{2}, key[1:33]...), "infinity": {0}, "none": {}} {
		if _, err := Check(paging.Subscription{Endpoint: endpoint, P256dh: base64.RawURLEncoding.EncodeToString(k), Auth: kept.Auth}, nil); err == nil {
			t.Errorf("a key that is %s is taken", name)
		}
	}
	for _, auth := range []string{"", "AAAA", strings.Repeat("A", 43), "!!!!", strings.Repeat("A", 1<<20)} {
		if _, err := Check(paging.Subscription{Endpoint: endpoint, P256dh: kept.P256dh, Auth: auth}, nil); err == nil {
			t.Errorf("the secret %.20q is taken", auth)
		}
	}
}

func TestSubjects(t *testing.T) {
	for subject, good := range map[string]bool{
		"mailto:ops@example.net": true, "https://astreinte.example.net": true, "https://astreinte.example.net/desk": true,
		"": false, "ops@example.net": false, "mailto:ops": false, "mailto:ops@localhost": false, "mailto:ops@pager.local": false, "mailto:ops@x.invalid": false,
		"https://localhost": false, "https://127.0.0.1": false, "https://pager": false, "https://pager.LOCAL.": false, "http://example.net": false, "https://[::1]/": false,
		"mailto:a b@example.net": false, "https://u@example.net": false, "mailto:@example.net": false,
	} {
		if err := CheckSubject(subject); (err == nil) != good {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

func TestAllowed(t *testing.T) {
	for text, want := range map[string]string{
		"https://Push.example.net/": "https://push.example.net", "https://push.example.net:443": "https://push.example.net", "http://127.0.0.1:4012": "http://127.0.0.1:4012",
		"http://[::1]:4012": "http://[::1]:4012", "https://10.0.0.7:8443": "https://10.0.0.7:8443",
		"": "", "push.example.net": "", "http://push.example.net": "", "https://u@push.example.net": "", "https://push.example.net/path": "", "https://push.example.net?x": "", "ftp://127.0.0.1": "",
	} {
		if got, err := CheckAllowed(text); (err == nil) != (want != "") || (err == nil && got != want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// Each push service has a provider of its own, and each device one of them.
func TestProviders(t *testing.T) {
	s, err := New(Config{Subject: subject, HTTP: http.DefaultClient, Allow: []string{"https://push.example.net"}})
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, want := range map[string]string{
		"https://fcm.googleapis.com/x": "webpush-google", "https://web.push.apple.com/x": "webpush-apple",
		"https://push.example.net/x": "webpush-other", "https://allowed.no.longer/x": "webpush-other",
	} {
		var by []string
		for _, p := range s.Providers() {
			if p.Carries(&paging.Device{Push: &paging.Subscription{Endpoint: endpoint}}) {
				by = append(by, p.Name)
			}
			if p.Carries(&paging.Device{Token: "t"}) {
				t.Errorf("%s carries a token", p.Name)
			}
		}
		if len(by) != 1 || by[0] != want {
			t.Errorf("%s goes by %q", endpoint, by)
		}
	}
	if _, err := New(Config{Subject: "mailto:x@localhost", Allow: []string{"http://x.example.net"}}); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
}
