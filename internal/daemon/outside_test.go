package daemon

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/signin"
)

// TestWhichAddressKnowsWhom asks at both addresses with each credential. What
// people use works everywhere. Tokens, and what needs an admin, work only
// inside.
func TestWhichAddressKnowsWhom(t *testing.T) {
	d, _ := started(t, config.Server{PrivateListen: "127.0.0.1:0"}, replaced(`bruno@example.net, skill: expert}`, `bruno@example.net, role: admin}`))
	session := func(person string) string {
		t.Helper()
		made, err := d.signing.Book.Enter(context.Background(), person, signin.ByPasskey, signin.From{})
		if err != nil {
			t.Fatal(err)
		}
		return "session " + made
	}
	nobody, token, basic, forged := "", "Bearer "+apiToken, "Basic eDp5", "session ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	technician, admin := session("alice"), session("bruno")
	device := `{"platform": "android", "token": "abcdefghijklmnopqrstuvwxyz"}`
	for _, c := range []struct {
		method, path, body string
		// At the public address, and at the private one.
		nobody, token, technician, admin [2]int
	}{
		{"GET", "/metrics", "", [2]int{404, 200}, [2]int{404, 200}, [2]int{404, 200}, [2]int{404, 200}},
		{"GET", "/readyz", "", [2]int{404, 200}, [2]int{404, 200}, [2]int{404, 200}, [2]int{404, 200}},
		{"GET", "/health", "", [2]int{404, 303}, [2]int{404, 303}, [2]int{404, 403}, [2]int{404, 200}},
		{"GET", "/sources", "", [2]int{404, 303}, [2]int{404, 303}, [2]int{404, 403}, [2]int{404, 200}},
		{"GET", "/sources/prometheus", "", [2]int{404, 303}, [2]int{404, 303}, [2]int{404, 403}, [2]int{404, 200}},
		{"GET", "/api/v1/sources/prometheus", "", [2]int{404, 401}, [2]int{404, 200}, [2]int{404, 403}, [2]int{404, 200}},
		{"GET", "/walls", "", [2]int{303, 303}, [2]int{303, 303}, [2]int{403, 403}, [2]int{200, 200}},
		{"GET", "/now", "", [2]int{303, 303}, [2]int{303, 303}, [2]int{200, 200}, [2]int{200, 200}},
		{"GET", "/phone", "", [2]int{303, 303}, [2]int{303, 303}, [2]int{200, 200}, [2]int{200, 200}},
		{"HEAD", "/api/v1/events", "", [2]int{401, 401}, [2]int{404, 200}, [2]int{200, 200}, [2]int{200, 200}},
		{"GET", "/api/v1/tickets", "", [2]int{401, 401}, [2]int{404, 200}, [2]int{200, 200}, [2]int{200, 200}},
		{"GET", "/api/v1/push", "", [2]int{401, 401}, [2]int{404, 200}, [2]int{200, 200}, [2]int{200, 200}},
		{"GET", "/api/v1/openapi.json", "", [2]int{401, 200}, [2]int{404, 200}, [2]int{200, 200}, [2]int{200, 200}},
		{"POST", "/api/v1/people/alice/devices", device, [2]int{401, 401}, [2]int{404, 201}, [2]int{201, 201}, [2]int{201, 201}},
		{"POST", "/api/v1/tickets/I261121_0001/acknowledge", "{}", [2]int{401, 401}, [2]int{404, 404}, [2]int{404, 404}, [2]int{404, 404}},
		{"GET", "/api/v1/backup", "", [2]int{404, 401}, [2]int{404, 501}, [2]int{404, 403}, [2]int{404, 501}},
		{"GET", "/api/v1/sessions", "", [2]int{404, 401}, [2]int{404, 200}, [2]int{404, 403}, [2]int{404, 200}},
		{"DELETE", "/api/v1/people/chloe/sessions", "", [2]int{404, 401}, [2]int{404, 200}, [2]int{404, 403}, [2]int{404, 200}},
		{"GET", "/api/v1/nothing", "", [2]int{404, 404}, [2]int{404, 404}, [2]int{404, 404}, [2]int{404, 404}},
	} {
		for credential, want := range map[string][2]int{
			nobody: c.nobody, forged: c.nobody, basic: c.nobody, token: c.token, technician: c.technician, admin: c.admin,
		} {
			for i, address := range []string{d.Addr(), d.PrivateAddr()} {
				if got := knocks(t, c.method, "http://"+address+c.path, c.body, credential); got != want[i] {
					t.Errorf("%s %s with %q at the %s address: %d, want %d", c.method, c.path, credential, []string{"public", "private"}[i], got, want[i])
				}
			}
		}
	}
	page := func(address string) string {
		_, text := status(t, "GET", "http://"+address+"/now", "", nil, "Cookie", "astreinte="+strings.TrimPrefix(admin, "session "))
		return text
	}
	if strings.Contains(page(d.Addr()), `href="/health"`) || !strings.Contains(page(d.PrivateAddr()), `href="/health"`) {
		t.Error("what is not there is offered, or what is there is not")
	}
}

// knocks is the status of a request.
func knocks(t *testing.T, method, url, body, credential string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if session, ok := strings.CutPrefix(credential, "session "); ok {
		req.AddCookie(&http.Cookie{Name: "astreinte", Value: session})
	} else if credential != "" {
		req.Header.Set("Authorization", credential)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
