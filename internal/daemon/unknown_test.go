package daemon

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestACustomerThatNobodyConfigured: its alerts page, each under its own name, and health
// says that it is not known.
func TestACustomerThatNobodyConfigured(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTown(t, func(t *testing.T, w *town) {
		one, two := w.alert("firing", "srv-db-01", "customer", "acmee"), w.alert("firing", "srv-db-03", "customer", "belac")
		if one == two {
			t.Errorf("two customers share %s", one)
		}
		if again := w.alert("firing", "srv-db-02", "customer", "acmee", "site", "Givrand"); again == two {
			t.Errorf("it joins another customer's %s", again)
		}
		w.at(time.Second)
		w.alice.ExpectSMS(t, "srv-db-01")
		doubts := vitals{w.daemon.Load()}.Health(t.Context()).Doubts
		for _, name := range []string{"acmee", "belac"} {
			if !slices.ContainsFunc(doubts, func(s string) bool { return strings.Contains(s, `"`+name+`"`) }) {
				t.Errorf("%s is not doubted: %q", name, doubts)
			}
		}
		w.at(25 * time.Hour)
		if doubts = (vitals{w.daemon.Load()}).Health(t.Context()).Doubts; slices.ContainsFunc(doubts, func(s string) bool { return strings.Contains(s, "acmee") }) {
			t.Errorf("a day later: %q", doubts)
		}
	})
}

// TestUnknownCustomersAreBounded: a sender with a thousand names fills neither the memory
// nor the log.
func TestUnknownCustomersAreBounded(t *testing.T) {
	var u unknownCustomers
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	logged := 0
	for i := range 1000 {
		if u.note("s", fmt.Sprint("c", i), now.Add(time.Duration(i)*100*time.Millisecond)) {
			logged++
		}
	}
	known := func(customer string) bool { return customer == "c999" }
	if list := u.doubts(now.Add(time.Hour), known); len(list) != unknownMost-1 || logged != 2 {
		t.Errorf("%d are remembered, %d logged", len(list), logged)
	}
}
