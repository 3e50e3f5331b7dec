package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhoseName: whose name a token may act under, and whose devices it may
// see to.
func TestWhoseName(t *testing.T) {
	const add = `{"token": "fcm-0123456789abcdefghijklmnop", "platform": "web"}`
	for _, c := range []struct {
		role, person string
		acts, sees   int
	}{
		{"technician", "bruno", http.StatusOK, http.StatusOK}, // it is bound to bruno
		{"technician", "dominique", http.StatusForbidden, http.StatusForbidden},
		{"technician", "zoe", http.StatusForbidden, http.StatusForbidden}, // who exists is no business of his
		{"desk", "bruno", http.StatusForbidden, http.StatusForbidden},
		{"desk", "the-desk", http.StatusForbidden, http.StatusForbidden},
		{"desk", "", http.StatusOK, 0},
		{"reader", "bruno", http.StatusForbidden, http.StatusForbidden},
		{"manager", "dominique", http.StatusOK, http.StatusOK},
		{"admin", "alice", http.StatusOK, http.StatusOK},
	} {
		t.Run(c.role+" as "+c.person, func(t *testing.T) {
			d := newDesk(t)
			number := d.alert("HostDown")
			body := `{"person": "` + c.person + `", "title": "Mail is down"}`
			w := d.call(c.role, http.MethodPost, "/api/v1/tickets/"+number+"/acknowledge", `{"person": "`+c.person+`"}`)
			if w.Code != c.acts {
				t.Errorf("acknowledge: %d %s, want %d", w.Code, w.Body, c.acts)
			}
			if open := d.ticket(number).State == ticket.Open; open != (c.acts != http.StatusOK) {
				t.Errorf("open after %d: %v", w.Code, open)
			}
			if w := d.call(c.role, http.MethodPost, "/api/v1/tickets", body); (w.Code == http.StatusCreated) != (c.acts == http.StatusOK) {
				t.Errorf("open a ticket: %d %s", w.Code, w.Body)
			}
			if c.sees == 0 {
				return
			}
			devices := "/api/v1/people/" + c.person + "/devices"
			for _, r := range []struct {
				method, path, body string
				status             int
			}{
				{http.MethodGet, devices, "", c.sees},
				{http.MethodPost, devices, add, c.sees + http.StatusCreated - http.StatusOK},
				{http.MethodDelete, devices + "/none", "", c.sees + http.StatusNotFound - http.StatusOK},
			} {
				want := r.status
				if c.sees == http.StatusForbidden {
					want = c.sees
				}
				if w := d.call(c.role, r.method, r.path, r.body); w.Code != want {
					t.Errorf("%s %s: %d %s, want %d", r.method, r.path, w.Code, w.Body, want)
				}
			}
		})
	}
}

// TestAReaderSeesItsOwnDevices, and adds none.
func TestAReaderSeesItsOwnDevices(t *testing.T) {
	d := newDesk(t, func(o *Options) {
		o.Tokens = []Token{{Name: "alices", Role: "reader", Token: "secret-reader", Person: "alice"}}
	})
	const path = "/api/v1/people/alice/devices"
	if w := d.call("reader", http.MethodGet, path, ""); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.call("reader", http.MethodPost, path, `{"token": "t", "platform": "web"}`); w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTheTimelineKeepsTheToken, whoever's name was given: in the API, on the
// page, and in what is stored.
func TestTheTimelineKeepsTheToken(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	path := "/api/v1/tickets/" + number + "/"
	for _, step := range []struct{ role, action, body string }{
		{"manager", "acknowledge", `{"person": "dominique"}`},
		{"technician", "pickup", `{"person": "bruno"}`},
		{"technician", "assign", `{"person": "bruno"}`},
		{"technician", "note", `{"text": "by the token alone"}`},
		{"admin", "resolve", `{"person": "alice"}`},
	} {
		if w := d.call(step.role, http.MethodPost, path+step.action, step.body); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", step.action, w.Code, w.Body)
		}
	}
	body := d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, "").Body.String()
	for _, want := range []string{
		`"kind":"acknowledged","actor":{"kind":"person","name":"dominique","token":"the-manager"}`,
		`"kind":"picked_up","actor":{"kind":"person","name":"bruno","token":"brunos"}`,
		`"kind":"assigned","actor":{"kind":"person","name":"bruno","token":"brunos"}`,
		`"kind":"note","actor":{"kind":"token","name":"brunos"}`,
		`"kind":"resolved","actor":{"kind":"person","name":"alice","token":"the-admin"}`,
		`"acknowledged_by":"dominique"`, `"picked_up_by":"bruno"`, `"resolved_by":"alice"`, `"assignee":"bruno"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	page := d.look(d.linkOf("bruno", number)).Body.String()
	for _, want := range []string{"Dominique Roy (by API), token the-manager", "you (by API), token brunos", "Alice Martin (by API), token the-admin"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
}

// TestTheSamePersonByAnyDoor: who acknowledged by a token has acknowledged, and
// may say so again by SMS.
func TestTheSamePersonByAnyDoor(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	path := "/api/v1/tickets/" + number + "/"
	d.call("technician", http.MethodPost, path+"acknowledge", `{"person": "bruno"}`)
	d.as("bruno", number, "acknowledge", "pickup", "pickup")
	if w := d.call("manager", http.MethodPost, path+"pickup", `{"person": "bruno"}`); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.expect(number, ticket.InProgress, "bruno")
}

// TestANoteByLinkIsCut: what somebody wrote at night is kept, as far as it is
// kept of anybody.
func TestANoteByLinkIsCut(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	if w := d.press(d.linkOf("alice", number), "action=note&text="+strings.Repeat("x", 60000)); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	view, err := d.store.View(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	last := view.Timeline[len(view.Timeline)-1]
	if last.Kind != ticket.EntryNote || last.Text != ticket.Cut(strings.Repeat("x", 60000), ticket.MaxNote) || !strings.Contains(last.Text, "…(60000 bytes") {
		t.Errorf("%s of %d bytes", last.Kind, len(last.Text))
	}
}

func TestAssignToOneself(t *testing.T) {
	d := newDesk(t)
	w := d.call("technician", http.MethodPost, "/api/v1/tickets/"+d.alert("HostDown")+"/assign", `{"person": "bruno"}`)
	if got := decode[ticketBody](t, w); w.Code != 200 || got.Assignee != "bruno" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
