package imported

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/icalendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// people are those of a firm, in the group that is imported.
func people(t testing.TB) *contacts.Directory {
	t.Helper()
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin", Email: "Alice@example.net"},
		{Key: "bruno", Name: "Bruno Petit"},
		{Key: "c1", Name: "Camille Roy"},
		{Key: "c2", Name: "Camille Roy"},
	}, []contacts.Group{{Key: "imported", Imported: true}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestWho: an event means whom its attendees are, or whom its summary names.
func TestWho(t *testing.T) {
	names := NamesOf(people(t))
	at := func(name, mail string) icalendar.Attendee { return icalendar.Attendee{Name: name, Mail: mail} }
	for _, c := range []struct {
		who  icalendar.Who
		want string
	}{
		{icalendar.Who{Summary: "alice"}, "alice"},
		{icalendar.Who{Summary: " ALICE  martin "}, "alice"},
		{icalendar.Who{Summary: "alice@EXAMPLE.net"}, "alice"},
		{icalendar.Who{Summary: "On call: Alice Martin, Bruno Petit (night)"}, "alice bruno"},
		{icalendar.Who{Summary: "Bruno Petit - Level 1"}, "bruno"},
		{icalendar.Who{Summary: "Alicia Martin"}, ""},
		{icalendar.Who{Summary: "Camille Roy"}, ""}, // two people
		{icalendar.Who{Summary: "c2"}, "c2"},
		{icalendar.Who{Summary: ""}, ""},
		{icalendar.Who{Summary: "bruno", Attendees: []icalendar.Attendee{at("", "alice@example.net")}}, "alice"},
		{icalendar.Who{Summary: "bruno", Attendees: []icalendar.Attendee{at("Room 5", "room@example.net")}}, "bruno"},
		{icalendar.Who{Attendees: []icalendar.Attendee{at("Bruno Petit", "b@elsewhere.example"), at("Alice Martin", "")}}, "bruno alice"},
	} {
		if got := strings.Join(names.Who(&c.who), " "); got != c.want {
			t.Errorf("%+v: %q, wanted %q", c.who, got, c.want)
		}
	}
}

// server answers for a calendar's host.
type server struct {
	answer func(r *http.Request) (*http.Response, error)
	asked  int
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked++
	return s.answer(r)
}

func says(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		answer := w.Result()
		answer.Request = r
		return answer, nil
	}
}

// calendar has alice from begin on and bruno after her, a day each, so many days.
func calendar(begin time.Time, days int, who ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\n")
	for i := range days {
		at := begin.AddDate(0, 0, i)
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART:%s\r\nDURATION:PT24H\r\nSUMMARY:%s\r\nEND:VEVENT\r\n", i, at.UTC().Format("20060102T150405Z"), who[i%len(who)])
	}
	b.WriteString("END:VCALENDAR\r\n")
	return b.String()
}

// firm is a keeper with a server in a bubble.
type firm struct {
	t      *testing.T
	k      *Keeper
	s      *server
	book   *Book
	d      *contacts.Directory
	source Source
}

func newFirm(t *testing.T, store storetest.Store) *firm {
	f := &firm{t: t, s: &server{}, d: people(t), book: NewBook(store.Records()), source: Source{Group: "imported", URL: "https://calendar.example.net/secret.ics", Every: 15 * time.Minute, Zone: time.UTC}}
	f.open()
	return f
}

// open makes the keeper, by the bubble's clock.
func (f *firm) open() {
	f.k = &Keeper{
		Book: f.book, HTTP: f.s, UserAgent: "astreinte/test", Owner: "one", Now: time.Now, Log: zap.NewNop(),
		Sources: func() []Source { return []Source{f.source} }, Names: func() Names { return NamesOf(f.d) },
	}
}

// on is who is on call now, and the status.
func (f *firm) on() (string, Status) {
	f.t.Helper()
	kept, err := f.book.Read(f.t.Context(), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	shifts, all := kept.Shifts([]Source{f.source}, f.d, time.Now())
	d, err := f.d.Import(shifts)
	if err != nil || len(all) != 1 {
		f.t.Fatal(all, err)
	}
	on, _ := d.On("imported", time.Now())
	var keys []string
	for _, p := range on {
		keys = append(keys, p.Key)
	}
	return strings.Join(keys, " "), all[0]
}

// expect looks once, and says who is on call then and what was wrong.
func (f *firm) expect(what, who, wrong string) {
	f.t.Helper()
	f.k.look(f.t.Context())
	on, st := f.on()
	if on != who || !strings.Contains(st.Error, wrong) || wrong == "" && st.Error != "" {
		f.t.Errorf("%s: on call %q, %q; wanted %q, %q", what, on, st.Error, who, wrong)
	}
}

// TestWhatHoldsWhenItCannotBeFetched: whatever the server does, whom the calendar named
// stays on call; what it says anew is taken.
func TestWhatHoldsWhenItCannotBeFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFirm(t, storetest.New())
		began := time.Now().Truncate(24 * time.Hour)
		f.s.answer = says(200, "<html>Sign in</html>")
		f.expect("a page at first", "", "no calendar")
		time.Sleep(time.Minute)
		f.s.answer = says(200, calendar(began, 60, "Alice Martin", "Bruno Petit"))
		f.expect("the calendar", "alice", "")
		packed := func(n int) func(r *http.Request) (*http.Response, error) {
			return func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(io.LimitReader(endless{}, int64(n)))}, nil
			}
		}
		whole := calendar(began, 60, "Alice Martin", "Bruno Petit")
		for _, c := range []struct {
			what, wrong string
			answer      func(*http.Request) (*http.Response, error)
		}{
			{"a page", "no calendar", says(200, "<html>Sign in</html>")},
			{"nothing", "no calendar", says(200, "")},
			{"half", "cut off", says(200, whole[:len(whole)-30])},
			{"an error", "answers 503", says(503, whole)},
			{"no content", "answers 204", says(204, "")},
			{"no server", "refused", func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }},
			{"an empty calendar", "names nobody any more", says(200, calendar(began, 0))},
			{"others", "names nobody any more", says(200, calendar(began, 60, "Somebody Else"))},
			{"the past alone", "names nobody any more", says(200, calendar(began.AddDate(0, 0, -9), 5, "alice"))},
			{"one turn in a year", "most of the hours of the coming week", says(200, calendar(began.AddDate(0, 6, 0), 1, "Alice Martin"))},
			{"50 MB", "more than", packed(50 << 20)},
			{"a slow one", "no answer within", func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}},
			{"a slow body", "no answer within", func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(slow{r})}, nil
			}},
			{"another host", "leads to another host", func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusFound, Request: r, Header: http.Header{"Location": {"https://elsewhere.example/"}}, Body: http.NoBody}, nil
			}},
			{"in a circle", "leads on more than", func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusFound, Request: r, Header: http.Header{"Location": {"/again"}}, Body: http.NoBody}, nil
			}},
		} {
			time.Sleep(16 * time.Minute)
			f.s.answer = c.answer
			f.expect(c.what, "alice", c.wrong)
		}
		if _, st := f.on(); !st.Old || !st.Doubtful() || st.At.IsZero() || st.Host != "calendar.example.net" || strings.Contains(st.Error, "secret") {
			t.Errorf("%+v", st)
		}
		time.Sleep(16 * time.Minute)
		f.s.answer = says(200, calendar(began, 60, "bruno"))
		f.expect("it changes", "bruno", "")
		if _, st := f.on(); st.Old || st.Doubtful() {
			t.Errorf("%+v", st)
		}
		// The calendar has come to its end: then nobody is on call, and an empty one is right.
		time.Sleep(61 * 24 * time.Hour)
		f.s.answer = says(200, calendar(began, 0))
		f.expect("its end", "", "")
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), len(p))), nil }

type slow struct{ r *http.Request }

func (s slow) Read([]byte) (int, error) {
	<-s.r.Context().Done()
	return 0, s.r.Context().Err()
}

// TestABombInGzip is refused by what it unpacks to, over the network's own transport.
func TestABombInGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.Copy(z, io.LimitReader(endless{}, 100<<20))
	_ = z.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "word" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	defer s.Close()
	way := Transport()
	defer way.CloseIdleConnections()
	k := &Keeper{HTTP: way, UserAgent: "x"}
	_, err := k.get(t.Context(), &Source{URL: s.URL + "/secret", User: "me", Password: "word"})
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
	if _, err = k.get(t.Context(), &Source{URL: s.URL + "/secret", Token: "t"}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
}

// TestWhatIsOverStays: what a calendar says later of days that are over changes nothing
// of who was on call on them, and a turn that goes on is one turn.
func TestWhatIsOverStays(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }
	turn := func(from, to time.Time, who string) icalendar.Turn {
		return icalendar.Turn{From: from, To: to, Who: icalendar.Who{Summary: who}}
	}
	var p Plan
	p = p.follow([]icalendar.Turn{turn(day(1), day(8), "alice"), turn(day(8), day(15), "bruno")}, day(5))
	if len(p.Turns) != 2 || !p.Turns[0].From.Equal(day(1)) {
		t.Fatalf("at first: %+v", p.Turns)
	}
	again := p.follow([]icalendar.Turn{turn(day(1), day(8), "alice"), turn(day(8), day(15), "bruno")}, day(6))
	if !again.says(&p) {
		t.Errorf("the same again: %+v", again.Turns)
	}
	p = p.follow([]icalendar.Turn{turn(day(1), day(8), "bruno"), turn(day(8), day(15), "alice")}, day(6))
	want := []icalendar.Turn{turn(day(1), day(6), "alice"), turn(day(6), day(8), "bruno"), turn(day(8), day(15), "alice")}
	if !p.says(&Plan{Turns: want}) {
		t.Errorf("%+v", p.Turns)
	}
	if p = p.follow(nil, day(9)); !p.says(&Plan{Turns: append(want[:2:2], turn(day(8), day(9), "alice"))}) {
		t.Errorf("%+v", p.Turns)
	}
	text, err := p.MarshalJSON()
	var back Plan
	if err == nil {
		err = back.UnmarshalJSON(text)
	}
	if err != nil || !back.says(&p) || !back.At.Equal(p.At) {
		t.Errorf("%v %s", err, text)
	}
}

// TestAPlanFitsItsRecord: turns that are over go first, and what does not fit without
// them is refused.
func TestAPlanFitsItsRecord(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var p Plan
	for i := range ticket.MaxCalendarTurns {
		from := now.Add(time.Duration(i-4500) * time.Hour)
		p.Turns = append(p.Turns, icalendar.Turn{From: from, To: from.Add(time.Hour), Who: icalendar.Who{Summary: fmt.Sprintf("%0200d", i)}})
	}
	ahead := p
	if err := p.fit(now); err != nil || len(p.Turns) < 500 || len(p.Turns) > 1500 {
		t.Errorf("%v %d", err, len(p.Turns))
	}
	if err := ahead.fit(now.Add(-9000 * time.Hour)); !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}

// TestOneDaemonFetches: of two daemons one asks, both follow; a new address goes on with
// what the one before it said until it says somebody.
func TestOneDaemonFetches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storetest.New()
		f, g := newFirm(t, store), newFirm(t, store)
		g.k.Owner = "two"
		f.s.answer = says(200, calendar(time.Now(), 90, "alice"))
		g.s.answer = f.s.answer
		for range 100 {
			f.k.look(t.Context())
			g.k.look(t.Context())
			time.Sleep(time.Minute)
		}
		if n := f.s.asked + g.s.asked; n != 7 {
			t.Errorf("asked %d times in 100 minutes", n)
		}
		if on, _ := g.on(); on != "alice" {
			t.Error(on)
		}
		f.source.URL = "https://new.example.net/"
		f.s.answer = says(200, calendar(time.Now(), 0))
		f.expect("a new address that says nothing", "alice", "names nobody any more")
		if _, st := f.on(); !st.Other || !st.Doubtful() {
			t.Errorf("%+v", st)
		}
		time.Sleep(time.Minute)
		f.s.answer = says(200, calendar(time.Now(), 9, "bruno"))
		f.expect("a new address", "bruno", "")
		if on, _ := g.on(); on != "alice" { // a daemon that was not reloaded goes on with its own
			t.Error(on)
		}
		f.expect("… and the other address is forgotten in time", "bruno", "")
		time.Sleep(forgotten + 24*time.Hour)
		f.s.answer = says(200, calendar(time.Now(), 9, "bruno"))
		f.k.look(t.Context())
		kept, err := f.book.Read(t.Context(), nil)
		if err != nil || len(kept.Fetches) != 1 || len(kept.Plans) != 1 {
			t.Errorf("%v %v", kept, err)
		}
	})
}
