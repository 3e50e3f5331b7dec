package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// elsewhere is the server of somebody else's calendar, in front of the providers.
type elsewhere struct {
	w    *town
	says atomic.Pointer[func() (int, string)]
}

const calendarHost = "calendar.example.org"

func (e *elsewhere) say(status int, text string) {
	f := func() (int, string) { return status, text }
	e.says.Store(&f)
}

// RoundTrip answers for the calendar's host.
func (e *elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != calendarHost {
		return e.w.world.RoundTripper().RoundTrip(r)
	}
	status, text := (*e.says.Load())()
	return &http.Response{StatusCode: status, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// calendarText writes a calendar: from when, how long, who.
func calendarText(turns ...any) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n")
	for i := 0; i < len(turns); i += 3 {
		from := turns[i].(time.Time)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d@test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:%s\r\nDTEND:%s\r\nSUMMARY:%s\r\nEND:VEVENT\r\n", i,
			from.UTC().Format("20060102T150405Z"), from.Add(turns[i+1].(time.Duration)).UTC().Format("20060102T150405Z"), turns[i+2])
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// fetched has the group on-call be on duty by a calendar alone.
func fetched(text []byte) []byte {
	text = replaced("    rotations:", "    ical: {url: \"https://"+calendarHost+"/private-4711/basic.ics\", every: 15m}\n    tier: L1\n    rotations:")(text)
	return replaced(`first: "2026-11-19"`, `first: "2036-11-20"`)(text)
}

// inTownOf runs a town whose on-call group is kept elsewhere.
func inTownOf(t *testing.T, says func(start time.Time) string, f func(t *testing.T, w *town, e *elsewhere)) {
	t.Helper()
	inSpoolingTownOf(t, "", says, f)
}

func inSpoolingTownOf(t *testing.T, spool string, says func(start time.Time) string, f func(t *testing.T, w *town, e *elsewhere)) {
	t.Helper()
	e := &elsewhere{}
	inTownWith(t, spool, func(w *town) {
		e.w, w.others = w, e
		e.say(http.StatusOK, says(w.start))
	}, func(t *testing.T, w *town) { f(t, w, e) }, fetched, nobodyAsked)
}

// TestDutyFromACalendarPages: whom it names is paged; a change of it is a change of
// duty, for tickets that are open too; whatever its server does, and over a restart,
// whom it named last stays on call.
func TestDutyFromACalendarPages(t *testing.T) {
	const night = 24 * time.Hour
	inTownOf(t, func(start time.Time) string { return calendarText(start.Add(-time.Hour), 30*night, "Bruno Petit") }, func(t *testing.T, w *town, e *elsewhere) {
		w.at(10 * time.Second)
		w.alert("firing", "srv-db-01")
		w.at(time.Minute)
		w.expectCount(w.bruno, 1)
		w.expectCount(w.alice, 0)

		e.say(http.StatusOK, "<html>Your session has expired</html>")
		w.at(40 * time.Minute)
		e.say(http.StatusOK, calendarText())
		w.at(70 * time.Minute)
		if got := onDuty(w.daemon.Load()); got != "bruno" {
			t.Errorf("%s is on call while the calendar is a page, or empty", got)
		}
		code, answer := w.call(http.MethodGet, "/readyz", "", nil)
		if code != http.StatusOK || !strings.Contains(string(answer), "groups.on-call.ical (calendar.example.org): it was read 1h") || strings.Contains(string(answer), "4711") {
			t.Errorf("%d %s", code, answer)
		}

		first := w.daemon.Load()
		stop := w.run(exampleConfig(t, w.world, fetched, nobodyAsked))
		second := w.daemon.Load()
		defer func() { stop() }()
		if got := onDuty(second); got != "bruno" {
			t.Errorf("%s is on call by a daemon that starts while the calendar is away", got)
		}

		alice, bruno := w.pagesTo(w.alice), w.pagesTo(w.bruno)
		e.say(http.StatusOK, calendarText(w.start.Add(-time.Hour), 30*night, "alice"))
		w.at(72 * time.Minute)
		for i, d := range []*Daemon{first, second} {
			if got := onDuty(d); got != "alice" {
				t.Errorf("%s is on call by daemon %d after the calendar changed", got, i)
			}
		}
		w.at(78 * time.Minute)
		if got := w.pagesTo(w.alice) - alice; got == 0 {
			t.Error("who is on call now hears nothing of the open ticket")
		}
		if got := w.pagesTo(w.bruno) - bruno; got > 1 {
			t.Errorf("who is not on call any more was paged %d times", got)
		}
		synctest.Wait()
		code, answer = w.call(http.MethodGet, "/api/v1/groups/on-call", apiToken, nil)
		var g struct {
			Tier     string
			Calendar struct {
				Host   string
				ReadAt time.Time `json:"read_at"`
				Error  string
			}
			Spans []struct {
				People []struct{ Person, Why string }
			}
		}
		if err := json.Unmarshal(answer, &g); err != nil || code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		if g.Tier != "L1" || g.Calendar.Host != calendarHost || g.Calendar.ReadAt.IsZero() || g.Calendar.Error != "" || g.Spans[0].People[0].Why != "imported" || g.Spans[0].People[0].Person != "alice" {
			t.Errorf("%s", answer)
		}
	})
}

// TestACoverInACalendar: somebody stands in for whom a calendar names, over what it says
// again.
func TestACoverInACalendar(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownOf(t, func(start time.Time) string {
		return calendarText(start.Add(-time.Hour), 30*24*time.Hour, "Bruno Petit", start, time.Hour, "Nobody we know")
	}, func(t *testing.T, w *town, _ *elsewhere) {
		w.at(10 * time.Second)
		w.replacement(map[string]any{"group": "on-call", "person": "alice", "instead_of": "bruno", "to": time.Now().Add(8 * time.Hour)})
		w.at(time.Hour)
		if got := onDuty(w.daemon.Load()); got != "alice" {
			t.Errorf("%s is on call", got)
		}
		w.at(9 * time.Hour)
		if got := onDuty(w.daemon.Load()); got != "bruno" {
			t.Errorf("%s is on call after the replacement", got)
		}
	})
}

// TestACalendarIsKnownWithoutTheStore: a daemon that starts while the store and the
// calendar are away has on call whom that named last.
func TestACalendarIsKnownWithoutTheStore(t *testing.T) {
	inSpoolingTownOf(t, t.TempDir(), func(start time.Time) string {
		return calendarText(start.Add(-time.Hour), 30*24*time.Hour, "Bruno Petit")
	}, func(t *testing.T, w *town, e *elsewhere) {
		w.at(15 * time.Second)
		w.storeGoes()
		e.say(http.StatusBadGateway, "")
		w.at(20 * time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.daemon.Load().Stop(ctx); err != nil {
			t.Fatal(err)
		}
		stop := w.run(exampleConfig(t, w.world, fetched, nobodyAsked))
		defer func() { stop() }()
		w.isOnDuty("it has just started", "bruno")
		w.at(2 * time.Minute)
		w.isOnDuty("the store is away still", "bruno")
		w.storeComesBack()
		w.at(4 * time.Minute)
		w.isOnDuty("the store is back", "bruno")
	})
}

// TestAnEventOfNobody is told, and puts nobody on call.
func TestAnEventOfNobody(t *testing.T) {
	inTownOf(t, func(start time.Time) string { return calendarText(start, time.Hour, "Zoe") }, func(t *testing.T, w *town, _ *elsewhere) {
		w.at(10 * time.Second)
		if got := onDuty(w.daemon.Load()); got != "" {
			t.Errorf("%s is on call", got)
		}
		if _, answer := w.call(http.MethodGet, "/readyz", "", nil); !strings.Contains(string(answer), "events that name nobody who is configured: Zoe") {
			t.Errorf("%s", answer)
		}
	})
}

// pagesTo counts the messages that a phone has had.
func (w *town) pagesTo(phone interface{ Number() string }) (n int) {
	for _, m := range w.world.Messages() {
		if m.To == phone.Number() {
			n++
		}
	}
	return n
}
