package daemon

import (
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// TestADeputyOfTheConfiguration: desk.deputy gives away what others have, by the API and on
// the ticket's page, until a reload names another (S1-29).
func TestADeputyOfTheConfiguration(t *testing.T) {
	deputy := func(name string) func([]byte) []byte {
		return replaced("\ndesk: ", "\ndesk:\n  deputy: "+name+"\n# ")
	}
	c := newCastle(t, deputy("alice"))
	gives := func(by, to string, want int) {
		t.Helper()
		if w := c.asks(by, http.MethodPost, "/api/v1/tickets/"+c.number+"/assign", `{"person": "`+to+`"}`); w.Code != want {
			t.Errorf("%s to %s: %d %s, want %d", by, to, w.Code, w.Body, want)
		}
	}
	offered := func(want bool) {
		t.Helper()
		w := c.call("alice", http.MethodGet, "/tickets/"+c.number, nil)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `name="action" value="release"`) != want {
			t.Errorf("the page offers it, or does not (%d), want %t", w.Code, want)
		}
	}
	gives("dominique", "bruno", http.StatusOK)
	offered(true)
	gives("alice", "dominique", http.StatusOK)
	gives("bruno", "alice", http.StatusForbidden)

	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	t.Cleanup(world.Close)
	if err := c.d.Reload(t.Context(), exampleConfig(t, world, deputy("bruno"))); err != nil {
		t.Fatal(err)
	}
	offered(false)
	gives("alice", "bruno", http.StatusForbidden)
	gives("bruno", "alice", http.StatusOK)
}

// TestWithoutAnArchive: what is in it alone is answered 501; the desk's lists and tickets
// are there all the same.
func TestWithoutAnArchive(t *testing.T) {
	c := newCastle(t)
	for _, ask := range []struct{ method, path, body string }{
		{http.MethodGet, "/contacts", ""},
		{http.MethodPost, "/contacts", `{"customer": "acme", "name": "Ada"}`},
		{http.MethodGet, "/contacts/c1", ""},
		{http.MethodPatch, "/contacts/c1", `{"name": "Ada"}`},
		{http.MethodDelete, "/contacts/c1", ""},
		{http.MethodDelete, "/contacts/c1?anonymise=true", ""},
		{http.MethodGet, "/tickets/" + c.number + "/proof", ""},
	} {
		w := c.call("edith", ask.method, "/api/v1"+ask.path, strings.NewReader(ask.body), "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin", "If-Match", "*")
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), `"code":"no_archive"`) {
			t.Errorf("%s %s: %d %s", ask.method, ask.path, w.Code, w.Body)
		}
	}
	if w := c.asks("edith", http.MethodGet, "/api/v1/tickets", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), c.number) {
		t.Errorf("the list: %d %s", w.Code, w.Body)
	}
	w := c.asks("edith", http.MethodPost, "/api/v1/tickets", `{"title": "no mail", "customer": "acme", "contact": {"name": "Ada", "phone": "+33240112233"}}`)
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"name":"Ada"`) {
		t.Errorf("opened: %d %s", w.Code, w.Body)
	}
	if w := c.asks("edith", http.MethodGet, "/api/v1/customers/acme", ""); w.Code != http.StatusOK {
		t.Errorf("a customer: %d %s", w.Code, w.Body)
	}
}
