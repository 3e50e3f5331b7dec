package imported

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/icalendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestWhereASecretGoes: a calendar's password and token go to its own host, by its own
// scheme and port, and to no other address, whatever a server says.
func TestWhereASecretGoes(t *testing.T) {
	var elsewhere atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer thief.Close()
	to := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	way := Transport()
	defer way.CloseIdleConnections()
	k := &Keeper{HTTP: way, UserAgent: "x"}
	own := strings.TrimPrefix(s.URL, "http://")
	for _, to = range []string{
		thief.URL, thief.URL + "/x", "//" + strings.TrimPrefix(thief.URL, "http://"), "https://" + own, "http://me:word@" + strings.TrimPrefix(thief.URL, "http://"),
		"http://169.254.169.254/latest/meta-data/", "http://[::1]:1/", "http://127.0.0.1:1/", "file:///etc/passwd", "ftp://" + own, "gopher://" + own, "javascript:1", "",
	} {
		for _, source := range []Source{{User: "me", Password: "word"}, {Token: "t"}} {
			source.URL = s.URL + "/secret"
			if body, err := k.get(t.Context(), &source); err == nil || strings.Contains(err.Error(), "word") {
				t.Errorf("%s: %q, %v", to, body, err)
			}
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("another server was asked %d times", n)
	}
}

// TestAnAnswerThatIsAllHeader is refused.
func TestAnAnswerThatIsAllHeader(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 200 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 4<<10))
		}
	}))
	defer s.Close()
	way := Transport()
	defer way.CloseIdleConnections()
	k := &Keeper{HTTP: way, UserAgent: "x"}
	if _, err := k.get(t.Context(), &Source{URL: s.URL}); err == nil || len(err.Error()) > ticket.MaxEffectError {
		t.Errorf("%v", err)
	}
}

// TestShiftsOfOneDoNotPile: five thousand events that say the same of one person are one
// shift, and those of two do not become one.
func TestShiftsOfOneDoNotPile(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	p := Plan{Group: "imported"}
	for i := range ticket.MaxCalendarTurns {
		from := now.Add(time.Duration(i) * time.Second)
		p.Turns = append(p.Turns, icalendar.Turn{From: from, To: from.AddDate(0, 6, 0), Who: icalendar.Who{Summary: "alice, bruno"}})
	}
	last := p.Turns[len(p.Turns)-1].To
	p.Turns = append(p.Turns, icalendar.Turn{From: last, To: last.Add(time.Hour), Who: icalendar.Who{Summary: "alice"}})
	list, _ := p.shifts(NamesOf(people(t)), now)
	var says []string
	for _, s := range list {
		says = append(says, fmt.Sprint(s.Person, " ", s.From.Sub(now), " ", last.Sub(s.To)))
	}
	if got := strings.Join(says, ", "); got != "alice 0s 0s, bruno 0s 0s, alice "+last.Sub(now).String()+" -1h0m0s" {
		t.Error(got)
	}
}

// TestWhatTakesTooLongWaits: a calendar that nobody can read in time is not tried again
// each minute.
func TestWhatTakesTooLongWaits(t *testing.T) {
	for _, c := range []struct {
		err         error
		every, want time.Duration
	}{
		{errThin, 15 * time.Minute, time.Minute},
		{errThin, 30 * time.Second, 30 * time.Second},
		{fmt.Errorf("read: %w", icalendar.ErrTooLong), 15 * time.Minute, 15 * time.Minute},
	} {
		if got := again(c.err, c.every); got != c.want {
			t.Errorf("%v, every %s: %s, not %s", c.err, c.every, got, c.want)
		}
	}
}
