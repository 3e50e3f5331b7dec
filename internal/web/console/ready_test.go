package console

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// witness knows proofs.
type witness []paging.Proof

func (k witness) Proofs(context.Context, string) ([]paging.Proof, error) { return k, nil }

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
