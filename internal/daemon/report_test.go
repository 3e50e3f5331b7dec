package daemon

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// countedRow is a row of the duty report.
type countedRow struct {
	Person, Name, Period string
	OnCall               map[string]int64 `json:"on_call"`
	Pages, Woken, Nights int
	Worked               map[string]int64
	Interventions        []struct {
		Ticket  string
		Seconds int64
		Open    bool
	}
	StoodIn      struct{ Times int } `json:"stood_in"`
	Compensation struct {
		Total int64 `json:"total_cents"`
	}
}

// counted is the duty report of November 2026, by person.
func (w *town) counted() map[string]countedRow {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/duty-report?from=2026-11", apiToken, nil)
	var body struct{ Rows []countedRow }
	if err := json.Unmarshal(answer, &body); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	by := map[string]countedRow{}
	for _, r := range body.Rows {
		by[r.Person] = r
	}
	return by
}

// paid has the example say how duty is counted.
func paid(text []byte) []byte {
	text = nobodyAsked(text)
	return append(text, "\nduty_report: {employer: Bellac SAS, hours: business, compensation: {weekend: 6, intervention: \"30.00\"}}\n"...)
}

// brunoFirst has bruno take the first turn.
func brunoFirst(text []byte) []byte {
	return replaced("people: [alice, bruno, chloe]  ", "people: [bruno, alice, chloe]  ")(text)
}

// TestADutyIsCountedFromWhatWas: after a reload that gives the turn to somebody else, a
// restart, and after the ticket was forgotten, the report says what was so.
func TestADutyIsCountedFromWhatWas(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "HostDown") // Saturday, 03:12 in Paris
		w.at(2 * time.Minute)
		w.hears("+33612345601", "SM1", "11 GO")
		w.at(10 * time.Minute)
		if r := w.counted()["alice"]; r.Pages < 1 || r.Woken != 1 || len(r.Interventions) != 1 || !r.Interventions[0].Open || r.Interventions[0].Seconds != 480 || r.OnCall["weekend"] < 590 || r.OnCall["total"] != r.OnCall["weekend"] {
			t.Errorf("while it goes on: %+v", r)
		}
		w.at(32 * time.Minute)
		w.hears("+33612345601", "SM2", "11 FIN")
		w.at(time.Hour)
		w.reload(paid, brunoFirst)
		w.at(90 * time.Minute)
		w.call(http.MethodPost, "/api/v1/tickets/"+number+"/close", apiToken, nil)
		w.expectState(number, "closed")
		w.at(2 * time.Hour)
		check := func(when string) {
			t.Helper()
			by := w.counted()
			a, b := by["alice"], by["bruno"]
			if a.Name != "Alice Martin" || a.Pages < 1 || a.Woken != 1 || a.Worked["total"] != 1800 || a.Worked["weekend"] != 1800 || len(a.Interventions) != 1 || a.Interventions[0].Ticket != number || a.Interventions[0].Open {
				t.Errorf("%s: alice %+v", when, a)
			}
			// An hour by the first configuration, less a moment at its beginning, at 6.00,
			// and half an hour of work at 30.00.
			if a.OnCall["weekend"] < 3590 || a.OnCall["weekend"] > 3600 || a.Compensation.Total < 2095 || a.Compensation.Total > 2100 {
				t.Errorf("%s: alice %+v", when, a)
			}
			if b.OnCall["weekend"] != 3600 || b.Pages != 0 {
				t.Errorf("%s: bruno %+v", when, b)
			}
		}
		check("after the reload")
		defer w.restart(paid, brunoFirst)()
		check("after a restart")
		errs, err := w.store.Forget(t.Context(), ticket.Past{Tickets: time.Now().Add(time.Hour), Links: time.Now(), Limit: 100})
		if err != nil || errs.Tickets != 1 {
			t.Fatal(errs, err)
		}
		check("after the ticket was forgotten")
	}, paid)
}

// restart has another daemon run in the place of the present one.
func (w *town) restart(change ...func([]byte) []byte) (stop func()) {
	w.t.Helper()
	was := w.daemon.Load()
	if err := was.Stop(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return w.run(exampleConfig(w.t, w.world, change...))
}

// TestNothingIsForgottenUncounted: a ticket stays as long as what is counted of it cannot
// be kept.
func TestNothingIsForgottenUncounted(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		const number = "I250101_0001"
		w.closedBefore(number, 32*24*time.Hour)
		if _, err := w.store.Records().Write(t.Context(), "prometheus", escalation.ClosedWrite(number, w.start)); err != nil {
			t.Fatal(err)
		}
		w.store.Fail(storetest.On(storetest.FailBefore, "RecordClaim"))
		time.Sleep(5 * time.Minute)
		if len(w.left(number)) != 1 {
			t.Error("it is gone, and nothing of it was kept")
		}
		w.store.Fail(nil)
		time.Sleep(3 * time.Minute)
		if len(w.left(number)) != 0 {
			t.Error("it stays")
		}
	}, nobodyAsked, replaced("tickets: 400d", "tickets: 31d"))
}

// TestAVersionWaitsForTheStore: configurations that came into force while the store was
// away are written down once it is back, each at its time.
func TestAVersionWaitsForTheStore(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.at(time.Minute)
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.reload(paid, brunoFirst)
		w.at(31 * time.Minute)
		w.reload(paid)
		w.at(time.Hour)
		w.store.Fail(nil)
		w.at(2 * time.Hour)
		by := w.counted()
		if b := by["bruno"].OnCall["total"]; b != 1800 {
			t.Errorf("bruno was on call for %d seconds", b)
		}
		if a := by["alice"].OnCall["total"]; a < 5390 || a > 5400 {
			t.Errorf("alice was on call for %d seconds", a)
		}
	}, paid)
}

// TestWhoSeesTheDutyReport: people see their own, a manager everybody's; the document
// prints in three languages.
func TestWhoSeesTheDutyReport(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "HostDown")
		w.at(2 * time.Minute)
		w.hears("+33612345601", "SM1", "11 GO")
		w.at(32 * time.Minute)
		w.hears("+33612345601", "SM2", "11 FIN")
		w.at(time.Hour)
		alice, dominique := w.signsIn("alice"), w.signsIn("dominique")
		alice.get("/oncall", http.StatusOK, "/duty-report")
		alice.get("/duty-report", http.StatusOK, "Alice Martin", "/duty-report/alice/2026-11", "novembre 2026")
		alice.get("/duty-report?month=2026-10", http.StatusOK, "Personne n")
		alice.get("/duty-report?month=x", http.StatusBadRequest)
		page := alice.get("/duty-report/alice/2026-11?lang=en", http.StatusOK, "Bellac SAS", "Alice Martin", number, "0:30", "R3121-2", "D3171-16", "This month is not over", "15.00 EUR")
		if !strings.Contains(page, `lang="en"`) {
			t.Error(page)
		}
		alice.get("/duty-report/alice/2026-11?lang=fr", http.StatusOK, `<article lang="fr">`, "Récapitulatif mensuel des astreintes", "trajet compris", "novembre 2026", "15,00 EUR")
		alice.get("/duty-report/alice/2026-11?lang=it", http.StatusOK, "Riepilogo mensile")
		alice.get("/duty-report/bruno/2026-11", http.StatusForbidden)
		alice.get("/duty-report/alice/november", http.StatusNotFound)
		dominique.get("/duty-report/alice/2026-11", http.StatusOK, "Alice Martin")
		dominique.get("/duty-report/nobody/2026-11", http.StatusNotFound)
		dominique.get("/duty-report", http.StatusOK, "Alice Martin")
		for path, want := range map[string]int{
			"":                               http.StatusOK,
			"?person=bruno":                  http.StatusForbidden,
			"?person=alice":                  http.StatusOK,
			"?by=week":                       http.StatusUnprocessableEntity,
			"?from=x":                        http.StatusUnprocessableEntity,
			"?from=2026-11&to=2026-11":       http.StatusUnprocessableEntity,
			"?from=2024-01&to=2026-01":       http.StatusUnprocessableEntity,
			"?from=2026-11-01&to=2026-11-30": http.StatusOK,
			"?from=" + url.QueryEscape("2026-11-01T00:00:00+01:00"): http.StatusOK,
			"?colour=red":                      http.StatusUnprocessableEntity,
			"?format=pdf":                      http.StatusUnprocessableEntity,
			"?by=year&from=2026-01&to=2027-01": http.StatusOK,
		} {
			if code, text, _ := alice.asks(http.MethodGet, "/api/v1/duty-report"+path, nil); code != want {
				t.Errorf("%s: %d, want %d: %s", path, code, want, text)
			} else if code == http.StatusOK && (!strings.Contains(text, `"person":"alice"`) || strings.Contains(text, "bruno")) {
				t.Errorf("%s: %s", path, text)
			}
		}
		if _, text, _ := dominique.asks(http.MethodGet, "/api/v1/duty-report?format=csv", nil); !strings.HasPrefix(text, "person,name,period,") || !strings.Contains(text, "\r\nalice,Alice Martin,2026-11,") {
			t.Errorf("%s", text)
		}
		if _, text, _ := dominique.asks(http.MethodGet, "/api/v1/duty-report?format=excel", nil); !strings.HasPrefix(text, "\ufeffperson;name;") || !strings.Contains(text, ";0,50;") {
			t.Errorf("%s", text)
		}
	}, paid)
}
