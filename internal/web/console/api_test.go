package console

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// asks sends JSON to the API as somebody who is signed in.
func (o *office) asks(person, method, path, body string) *httptest.ResponseRecorder {
	o.t.Helper()
	return o.send(person, httptest.NewRequest(method, path, strings.NewReader(body)), "Content-Type", "application/json")
}

func (o *office) says(w *httptest.ResponseRecorder, code int, body string) {
	o.t.Helper()
	if got := strings.TrimSpace(w.Body.String()); w.Code != code || !strings.Contains(got, body) {
		o.t.Errorf("%d %s, want %d %s", w.Code, got, code, body)
	}
}

// TestFiltersByTheAPI are the caller's own, and those of the console.
func TestFiltersByTheAPI(t *testing.T) {
	o := newOffice(t, home)
	const path = "/api/v1/filters"
	o.says(o.asks("alice", http.MethodGet, path, ""), 200, `{"filters":[]}`)
	o.says(o.asks("alice", http.MethodPost, path, `{"name": " Worst  first ", "query": "urgency=critical&state=open"}`), 201,
		`{"name":"Worst first","query":"state=open\u0026urgency=critical","at":"2026-11-21T02:12:00Z"}`)
	o.says(o.asks("alice", http.MethodPost, path, `{"name": "Worst first", "query": "urgency=major"}`), 201, "urgency=major")
	o.says(o.asks("alice", http.MethodGet, path, ""), 200, `{"filters":[{"name":"Worst first","query":"urgency=major","at":"2026-11-21T02:12:00Z"}]}`)
	has(t, o.get("alice", "/tickets"), ">Worst first<")
	o.says(o.asks("bruno", http.MethodGet, path, ""), 200, `{"filters":[]}`)
	o.says(o.asks("bruno", http.MethodDelete, path+"?name=Worst+first", ""), 404, "not_found")
	for body, want := range map[string]string{
		``: "no JSON object", `{"name": "x", "query": "colour=red"}`: "colour", `{"query": "state=open"}`: "name: it is needed", `{"name": "x", "more": 1}`: "no JSON object",
		`{"name": "x", "query": "` + strings.Repeat("x", ticket.MaxFilter+1) + `"}`: "too long",
	} {
		o.says(o.asks("alice", http.MethodPost, path, body), 400, want)
	}
	for i := range ticket.MaxFilters - 1 {
		o.says(o.asks("alice", http.MethodPost, path, `{"name": "more `+string(rune('a'+i))+`", "query": "state=open"}`), 201, "")
	}
	o.says(o.asks("alice", http.MethodPost, path, `{"name": "one too many", "query": "state=open"}`), 409, "too_many")
	o.says(o.asks("alice", http.MethodDelete, path+"?name=Worst+first", ""), 204, "")
	o.says(o.asks("alice", http.MethodDelete, path+"?name=Worst+first", ""), 404, "not_found")
	o.says(o.asks("", http.MethodGet, path, ""), 401, "")
}

// TestWallsByTheAPI are a manager's, and the address is said once.
func TestWallsByTheAPI(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	const path = "/api/v1/walls"
	o.says(o.asks("alice", http.MethodGet, path, ""), 403, "forbidden")
	o.says(o.asks("alice", http.MethodPost, path, ""), 403, "forbidden")
	o.says(o.asks("dominique", http.MethodGet, path, ""), 200, `{"walls":[]}`)
	var made struct{ ID, By, URL string }
	if err := json.Unmarshal(o.asks("dominique", http.MethodPost, path, "").Body.Bytes(), &made); err != nil || made.By != "dominique" || made.ID == "" {
		t.Fatalf("%+v, %v", made, err)
	}
	at, err := url.Parse(made.URL)
	if err != nil || at.Host == "" {
		t.Fatalf("%q, %v", made.URL, err)
	}
	wall := strings.TrimPrefix(at.Path, "/desk")
	has(t, o.get("", wall), number)
	list := o.asks("dominique", http.MethodGet, path, "")
	o.says(list, 200, `{"walls":[{"id":"`+made.ID+`","by":"dominique","at":"2026-11-21T02:12:00Z"}]}`)
	if strings.Contains(list.Body.String(), strings.TrimPrefix(wall, "/wall/")) {
		t.Error("the address is said twice")
	}
	has(t, o.get("dominique", "/walls"), "Dominique", "03:12")
	o.says(o.asks("dominique", http.MethodDelete, path+"?id=nothing", ""), 404, "not_found")
	o.says(o.asks("dominique", http.MethodDelete, path+"?id="+made.ID, ""), 204, "")
	if w := o.get("", wall); w.Code != http.StatusNotFound {
		t.Errorf("revoked: %d", w.Code)
	}
}

// TestTheAPIIsDescribed in the document that the web server serves.
func TestTheAPIIsDescribed(t *testing.T) {
	text, err := os.ReadFile("../assets/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for _, rt := range newOffice(t, home).console.API() {
		if document.Paths[rt.Path][strings.ToLower(rt.Method)] == nil {
			t.Errorf("%s %s is not described", rt.Method, rt.Path)
		}
	}
}

// TestADeviceThatIsGone is told to its person, to managers and to who runs the pager,
// until the person hides it.
func TestADeviceThatIsGone(t *testing.T) {
	o := newOffice(t, home)
	d := paging.Device{ID: "web-1", Person: "alice", Platform: "web", Name: "Pixel 9"}
	if err := o.console.gone.Note(t.Context(), &d, saturday.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	w := o.get("alice", "/people/alice")
	has(t, w, "<b>Pixel 9</b>", "perdu depuis 02:12", `name="remove" value="web-1"`, `data-events="health"`)
	hasNot(t, w, lang.In("fr").Console.NoDevice)
	has(t, o.get("dominique", "/people"), "one phone is gone")
	has(t, o.get("edith", "/health"), "one phone is gone")
	d.ID = "web-2"
	if err := o.console.gone.Note(t.Context(), &d, saturday.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	has(t, o.get("dominique", "/people"), "2 phones are gone")
	hasNot(t, o.get("bruno", "/people/bruno"), "gone since")
	for range 2 {
		o.follow("alice", o.post("alice", "/people/alice", "remove", "web-1"))
	}
	o.follow("dominique", o.post("dominique", "/people/alice", "remove", "web-2"))
	hasNot(t, o.get("alice", "/people/alice"), "perdu depuis")
}
