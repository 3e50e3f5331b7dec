package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
)

const (
	brunosPhone = "+33612345602"
	chloesPhone = "+33612345603"
)

// said has a text answered, and looks for parts in the reply.
func (w *town) said(from, id, body string, parts ...string) {
	w.t.Helper()
	reply := w.hears(from, id, body)
	for _, part := range parts {
		if !strings.Contains(reply, part) {
			w.t.Errorf("%q is answered %q, without %q", body, reply, part)
		}
	}
}

func (w *town) isOnDuty(what, want string) {
	w.t.Helper()
	if got := onDuty(w.daemon.Load()); got != want {
		w.t.Errorf("%s: %s is on call, wanted %s", what, got, want)
	}
}

// TestDutyByText: texts say who is on call, take over and give back, in three
// languages. A page that waits goes to whoever took over. A text that comes
// again changes nothing more.
func TestDutyByText(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.alice, 1)
		w.said(brunosPhone, "SM1", "GARDE", "on-call: Alice Martin", "26/11 09:00", "GARDE 8h")
		w.said(brunosPhone, "SM2", "DUTY 8h", "on-call", "11:13", "GARDE 0")
		w.isOnDuty("taken over", "bruno")
		w.at(4 * time.Minute)
		w.expectCount(w.alice, 1)
		w.expectCount(w.bruno, 1)

		w.said(brunosPhone, "SM3", "TURNO 2h", "on-call", "05:16")
		w.at(5 * time.Minute)
		w.said(brunosPhone, "SM4", "GARDE 0", "Alice Martin")
		w.isOnDuty("given back, both that he took", "alice")
		w.said(brunosPhone, "SM2", "DUTY 8h", "Alice Martin")
		w.isOnDuty("the text that took over comes again", "alice")
		w.at(6 * time.Minute)
		w.said(brunosPhone, "SM5", "garde 1h", "on-call")
		w.said(brunosPhone, "SM4", "GARDE 0", "Bruno Petit")
		w.isOnDuty("the text that gave back comes again", "bruno")
		w.at(67 * time.Minute)
		w.isOnDuty("the hour is over", "alice")
		w.said(brunosPhone, "SM6", "GARDE 0", "RIEN n'a change", "Alice Martin")
	})
}

// TestDutyByTextThatIsNotClear changes nothing, and says so.
func TestDutyByTextThatIsNotClear(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for i, c := range []struct{ from, body, said string }{
			{brunosPhone, "GARDE 99h", "72h"},
			{brunosPhone, "GARDE 8h30", "RIEN n'a change"},
			{brunosPhone, "GARDE 3 8h", "pas de groupe 3"},
			{brunosPhone, "GARDE 0", "RIEN n'a change"},
			{chloesPhone, "GARDE 8h", "RIEN n'a change. Quel groupe?"},
			{chloesPhone, "GARDE 8h", "2 on-call: Alice Martin"},
			{dominiquesPhone, "GARDE 8h", "plusieurs personnes"},
			{dominiquesPhone, "GARDE 0", "plusieurs personnes"},
		} {
			w.said(c.from, fmt.Sprint("SM", i), c.body, c.said)
			w.isOnDuty(c.body, "alice")
		}
		w.said(dominiquesPhone, "SM20", "GARDE", "managers: Dominique Roy") // all may ask
		w.said(chloesPhone, "SM21", "GARDE 2 8h", "on-call: VOUS")
		w.isOnDuty("chosen", "chloe")
		w.said(chloesPhone, "SM22", "GARDE 0", "Rendue")
		w.isOnDuty("given back", "alice")
		if reply := w.hears("+33699999999", "SM23", "GARDE 8h"); reply != "" {
			t.Errorf("a stranger is told %q", reply)
		}
	}, replaced("  managers:\n    people: [dominique]", "  managers:\n    people: [dominique]\n  first:\n    people: [chloe]"),
		replaced(`dominique: {name: Dominique Roy, phones: ["+33612345699"], email: dominique@example.net, role: manager}`,
			`dominique: {name: Dominique Roy, phones: ["+33612345699"], email: dominique@example.net, role: manager}
  erik: {name: Erik, phones: ["+33612345699"]}`))
}

// TestDutyByTextWithoutTheStore is not done, and says so; sent again it is.
func TestDutyByTextWithoutTheStore(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.said(brunosPhone, "SM1", "GARDE 8h", "PAS ENREGISTRE")
		w.isOnDuty("the store is away", "alice")
		w.store.Fail(nil)
		w.said(brunosPhone, "SM1", "GARDE 8h", "VOUS")
		w.isOnDuty("it is back", "bruno")
	})
}
