package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
)

// TestAPersonIsTakenOutOfTheConfiguration while on call and holding a ticket: one who is
// still in a rotation is an error, and nothing changes; one who is gone from all of it
// keeps what was taken in the past, is off call at once, and the ticket is paged on when
// it is not seen to.
func TestAPersonIsTakenOutOfTheConfiguration(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/I261121_0001/acknowledge", apiToken, map[string]string{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		const first, next = "  alice:\n", "  bruno:"
		text := string(nobodyAsked(config.Example()))
		at, end := strings.Index(text, first), strings.Index(text, next)
		if at < 0 || end < at {
			t.Fatal("the example has changed")
		}
		whole := text[at:end]
		c, report := config.Parse("astreinte.yml", []byte(strings.Replace(text, whole, "", 1)), t.TempDir(), config.Options{})
		said := false
		for _, p := range report.Errors {
			said = said || strings.Contains(p.String(), `no person named "alice"`)
		}
		if c != nil || !said {
			t.Errorf("%+v", report.Errors)
		}
		if got := onDuty(w.daemon.Load()); got != "alice" {
			t.Errorf("%s is on call after a configuration was refused", got)
		}

		w.reload(nobodyAsked, replaced(whole, ""), replaced("people: [alice, bruno, chloe]", "people: [bruno, chloe]"))
		if got := onDuty(w.daemon.Load()); got != "bruno" {
			t.Errorf("%s is on call", got)
		}
		if told := w.timelineOf("I261121_0001"); !strings.Contains(told, `"state":"acknowledged"`) || !strings.Contains(told, `"acknowledged_by":"alice"`) {
			t.Errorf("%s", told)
		}
		w.at(2 * time.Hour)
		if w.pagesTo(w.bruno) == 0 {
			t.Error("the ticket of somebody who is gone pages nobody when it is not seen to")
		}
	}, nobodyAsked)
}
