package daemon

import (
	"testing"
	"time"
)

// TestABareOKIsNotOfAColleaguesPage: somebody who was paged in an earlier
// episode still has a code. Only a colleague's phone got a page of the present
// one.
func TestABareOKIsNotOfAColleaguesPage(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "SM1", "11 E") // dominique is paged, too
		w.at(10 * time.Second)
		w.hears(alicesPhone, "SM2", "11 OK")
		w.at(time.Minute)
		w.alert("resolved", "srv-db-01")
		w.at(2 * time.Minute)
		w.alert("firing", "srv-db-01")
		w.at(6 * time.Minute) // a ticket that flaps pages no faster than one that is open
		w.hears(dominiquesPhone, "SM3", "OK")
		w.expectState(number, "open")
		w.hears(alicesPhone, "SM4", "OK")
		w.expectState(number, "acknowledged")
	})
}
