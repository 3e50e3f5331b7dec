package daemon

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// busy keeps the outbox at work, and with it all of its claims alive.
func (w *town) busy() {
	w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: "+33612345602", Hang: true})
	for _, name := range []string{"a", "b", "c"} {
		w.alert("firing", "busy-"+name, "alertname", "Busy"+name, "severity", "high")
	}
}

func onCallTogether(text []byte) []byte {
	return replaced("people: [alice]", "people: [alice, bruno]")(always("alice")(text))
}

func TestAPageThatTheStoreHeldUpGoesOutOnABusyDaemon(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.busy()
		w.at(time.Second)
		w.store.Fail(storetest.On(storetest.FailBefore, "Reserve"))
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.store.Fail(nil)
		w.at(4 * time.Second)
		w.alice.ExpectSMS(t, "srv-db-01")
	}, onCallTogether)
}
