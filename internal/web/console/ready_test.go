package console

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// witness knows proofs.
type witness []paging.Proof

func (k witness) Proofs(context.Context, string) ([]paging.Proof, error) { return k, nil }

func (k witness) Drill(_ context.Context, id string) (ready.Drill, error) {
	if id != "1" {
		return ready.Drill{}, ready.ErrNoDrill
	}
	return ready.Drill{ID: "1", Group: "on-call", At: saturday.Add(-20 * time.Second), People: []ready.Drilled{
		{Person: "alice", Sent: true, Answered: saturday.Add(-8 * time.Second), How: paging.ByAnswer, Tries: []paging.TestTry{{Channel: "sms", Address: "+33612345601", State: ticket.PageSent}}},
		{Person: "bruno", Sent: true, Tries: []paging.TestTry{{Channel: "sms", Address: "+33612345602", State: ticket.PageSent}}},
	}}, nil
}

// TestADrillsPage: who answered by what, read anew while somebody may; addresses are for
// those who may see them.
func TestADrillsPage(t *testing.T) {
	o := newOffice(t, home)
	o.ready = witness{}
	o.serve(home, o.store)
	page := o.get("dominique", "/drills/1")
	has(t, page, "Alice Martin", "answered after 12s", "Bruno Petit", "no answer", "612345602")
	if page := o.get("alice", "/drills/1"); strings.Contains(page.Body.String(), "612345602") {
		t.Error("alice sees bruno's number")
	}
	if code := o.get("dominique", "/drills/2").Code; code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
	has(t, o.get("dominique", "/oncall"), `action="/desk/drills"`, `value="on-call"`)
	if page := o.get("alice", "/oncall"); strings.Contains(page.Body.String(), "/drills") {
		t.Error("alice is shown the button of a drill")
	}
}

// TestAPersonsProofs: each with its age, by its reader's words; an old one is one that
// does not count.
func TestAPersonsProofs(t *testing.T) {
	o := newOffice(t, home)
	has(t, o.get("dominique", "/people/bruno"), "Last proofs", "Nothing has ever reached this person")
	o.ready = witness{
		{Channel: "sms", Address: "+33612345602", At: saturday.Add(-90 * time.Minute), How: paging.ByAnswer},
		{Channel: "push", Address: "web-1", At: saturday.Add(-31 * 24 * time.Hour), How: paging.ByShown},
	}
	o.serve(home, o.store)
	page := o.get("dominique", "/people/bruno")
	has(t, page, "Last proofs", `<b>sms</b> <span>&#43;33612345602</span> <i class="good">1 h 30 ago</i> answered`, `<i class="warn">31 d 0 h ago</i> a push was shown`)
	if code := o.get("alice", "/people/bruno").Code; code != http.StatusForbidden {
		t.Errorf("alice sees bruno's: %d", code)
	}
}
