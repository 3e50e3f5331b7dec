package daemon

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/duty"
)

// replacement makes a replacement by the API and returns its id.
func (w *town) replacement(body map[string]any) string {
	w.t.Helper()
	code, answer := w.call(http.MethodPost, "/api/v1/replacements", apiToken, body)
	var made struct{ ID string }
	if err := json.Unmarshal(answer, &made); err != nil || code != http.StatusCreated {
		w.t.Fatalf("%d %s", code, answer)
	}
	return made.ID
}

// onDuty says who is on call now, according to a daemon.
func onDuty(d *Daemon) string {
	people, _ := d.pager.Rules().Directory.On("on-call", d.clock.Now())
	keys := make([]string, len(people))
	for i := range people {
		keys[i] = people[i].Key
	}
	return strings.Join(keys, " ")
}

// TestAReplacementPages: whoever stands in is paged about what is open, from
// that moment on, over a reload and a restart, until it is taken back.
func TestAReplacementPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.alice, 1)
		id := w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		w.at(4 * time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(w.bruno, 1)

		w.reload()
		w.at(7 * time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(w.bruno, 2)

		if code, answer := w.call(http.MethodDelete, "/api/v1/replacements/"+id, apiToken, nil); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.at(10 * time.Minute)
		w.expectCount(w.alice, 2)
		w.expectCount(w.bruno, 2)
	})
}

// TestAReplacementIsEverywhere: another daemon on the store has it within a
// second. A daemon that starts has it from its first page on. It holds while
// the store is away.
func TestAReplacementIsEverywhere(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.daemon.Load()
		stopOther := w.run(exampleConfig(t, w.world))
		other := w.daemon.Load()
		defer func() { stopOther() }()
		synctest.Wait()
		w.daemon.Store(first)
		w.replacement(map[string]any{"group": "on-call", "person": "bruno", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		if got := onDuty(first); got != "bruno" {
			t.Errorf("%s is on call by the daemon that was told", got)
		}
		w.at(time.Second)
		if got := onDuty(other); got != "bruno" {
			t.Errorf("%s is on call by the other one, a second later", got)
		}
		stopThird := w.run(exampleConfig(t, w.world))
		third := w.daemon.Load()
		defer func() { stopThird() }()
		if got := onDuty(third); got != "bruno" {
			t.Errorf("%s is on call by one that has just started", got)
		}
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.daemon.Store(first)
		w.reload()
		w.at(time.Minute)
		w.store.Fail(nil)
		if got := onDuty(first) + " " + onDuty(other); got != "bruno bruno" {
			t.Errorf("%s are on call after the store was away, and a reload", got)
		}
	})
}

// TestAReplacementOfWhoIsGone changes nothing, and is void.
func TestAReplacementOfWhoIsGone(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.replacement(map[string]any{"group": "on-call", "person": "chloe", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		w.reload(replaced("people: [alice, bruno, chloe]", "people: [alice, bruno]"),
			replaced(`  chloe: {name: Chloé Durand, phones: ["+33612345603"], email: chloe@example.net}`+"\n", ""))
		if got := onDuty(w.daemon.Load()); got != "alice" {
			t.Errorf("%s is on call", got)
		}
		if code, answer := w.call(http.MethodGet, "/api/v1/replacements", apiToken, nil); code != http.StatusOK || !strings.Contains(string(answer), `"void":true`) {
			t.Errorf("%d %s", code, answer)
		}
	})
}

// TestAGroupsOwnManagers: where a group names its managers, they and admins may change
// everybody's duty in it, and nobody else.
func TestAGroupsOwnManagers(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		k := dutyDesk{w.daemon.Load()}
		r := duty.Replacement{Kind: duty.Cover, Group: "on-call", Person: "bruno", InsteadOf: "alice", Hours: duty.Hours{To: time.Now().Add(time.Hour)}}
		for _, c := range []struct {
			person string
			role   contacts.Role
			may    bool
		}{{"dominique", contacts.RoleManager, false}, {"", contacts.RoleManager, false}, {"chloe", contacts.RoleTechnician, true}, {"", contacts.RoleAdmin, true}} {
			made, err := k.Replace(t.Context(), r, duty.Actor{Name: "x", Person: c.person, Manager: c.role != contacts.RoleTechnician, Role: c.role}, true)
			if (err == nil) != c.may {
				t.Errorf("%s %s: %v", c.role, c.person, err)
			}
			if err != nil {
				continue
			}
			if _, err := k.DropReplacement(t.Context(), made.ID, duty.Actor{Name: "y", Person: "dominique", Manager: true, Role: contacts.RoleManager}); !errors.Is(err, duty.ErrForbidden) {
				t.Errorf("dropped by a manager of another group: %v", err)
			}
			if _, err := k.DropReplacement(t.Context(), made.ID, duty.Actor{Name: "y", Person: "chloe", Role: contacts.RoleTechnician}); err != nil {
				t.Error(err)
			}
		}
	}, replaced("    rotations:", "    managers: [chloe]\n    rotations:"))
}
