package heartbeat

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/common/model"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

var evening = time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)

// desk is what daemons of one store share: the time, the store, and the alerts that the
// engine was told of.
type desk struct {
	t       *testing.T
	now     time.Time
	store   records.Store
	firing  map[string]ticket.Alert
	told    int // alerts that began or were told again
	refuses error
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, now: evening, store: storetest.New().Records(), firing: map[string]ticket.Alert{}}
}

// house is one daemon: an Engine for its Keeper.
type house struct {
	*desk
	keeper *Keeper
	heard  time.Time
	rules  *escalation.Rules
}

func (h *house) Rules() *escalation.Rules { return h.rules }
func (h *house) Now() time.Time           { return h.now }
func (h *house) Heard() time.Time         { return h.heard }

const secret = "the-token-of-a-backup"

func nightly() Heartbeat {
	return Heartbeat{Name: "nightly", Every: model.Duration(24 * time.Hour), Grace: model.Duration(time.Hour), Key: KeyOf(secret), Labels: map[string]string{"site": "Givrand"}}
}

// start starts a daemon, now.
func (d *desk) start(name string, list ...Heartbeat) *house {
	d.t.Helper()
	h := &house{desk: d, heard: d.now, rules: &escalation.Rules{Location: time.UTC, Language: "en"}}
	h.keeper = &Keeper{Book: NewBook(d.store), Engine: h, Owner: name, Log: zap.NewNop(), Soon: func() {}, Take: d.take}
	h.keeper.Book.Configure(list)
	h.keeper.Sweep()
	h.turn()
	return h
}

// take is the engine, as far as heartbeats see it: it knows what fires, and words that
// come late change nothing.
func (d *desk) take(_ context.Context, b ticket.Batch) error {
	if d.refuses != nil {
		return d.refuses
	}
	for i := range b.Alerts {
		a := b.Alerts[i]
		if b.Source != Source {
			d.t.Errorf("an alert of %s", b.Source)
		}
		was, known := d.firing[a.Fingerprint]
		record := ticket.AlertRecord{Alert: was, LastAt: d.now}
		if known && (record.Late(&a) || was.Status == ticket.Firing && record.Outlives(&a)) {
			continue
		}
		if a.Status == ticket.Firing {
			d.told++
		}
		d.firing[a.Fingerprint] = a
	}
	return nil
}

func (h *house) turn() {
	h.t.Helper()
	if err := h.keeper.Turn(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// until lets time pass, with a turn each while and one at the end.
func (d *desk) until(at time.Time, daemons ...*house) {
	d.t.Helper()
	for d.now.Before(at) {
		d.now = d.now.Add(min(55*time.Second, at.Sub(d.now)))
		for _, h := range daemons {
			h.turn()
		}
	}
}

// fires says whether the alert of a heartbeat is one now.
func (d *desk) fires(name string) bool { return d.firing[name].Status == ticket.Firing }

func (d *desk) expect(fires bool, when string) {
	d.t.Helper()
	if d.fires("nightly") != fires {
		d.t.Errorf("%s: at %s it fires: %v", when, d.now.Format(time.RFC3339), !fires)
	}
}

func (h *house) hear(sign Sign) {
	h.t.Helper()
	of := h.keeper.Book.table().names["nightly"]
	if err := h.keeper.Hear(h.t.Context(), of, sign, "disk full"); err != nil {
		h.t.Fatal(err)
	}
}

// TestSilence: it is told once its time is up, not before; the next beat is its end. One
// that was never heard of counts from the first start with it.
func TestSilence(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	d.until(evening.Add(25*time.Hour-time.Second), a)
	d.expect(false, "before its time is up")
	d.until(evening.Add(25*time.Hour+30*time.Second), a)
	d.expect(true, "once it is up")
	if text := d.firing["nightly"].Annotations["summary"]; text != "nightly: no heartbeat yet, within 1d1h" {
		t.Error(text)
	}
	if alert := d.firing["nightly"]; alert.Labels["site"] != "Givrand" || alert.Labels["severity"] != "error" || alert.Title() != "nightly: no heartbeat yet, within 1d1h" {
		t.Errorf("%+v", alert)
	}
	d.until(d.now.Add(10*time.Minute), a)
	a.hear(SignBeat)
	a.turn()
	d.expect(false, "it beats")
	heard := d.now
	d.until(heard.Add(25*time.Hour-time.Second), a)
	d.expect(false, "it beat yesterday")
	d.until(heard.Add(25*time.Hour+30*time.Second), a)
	d.expect(true, "it stopped")
	if d.told != 2 || !strings.HasSuffix(d.firing["nightly"].Annotations["summary"], "no heartbeat for 1d1h") {
		t.Errorf("told %d times: %+v", d.told, d.firing["nightly"])
	}
}

// TestRuns: a failure is told at once, a run that began and does not end in time too.
func TestRuns(t *testing.T) {
	d, h := newDesk(t), nightly()
	h.RunsFor = model.Duration(2 * time.Hour)
	a := d.start("a", h)
	a.hear(SignFail)
	a.turn()
	d.expect(true, "it failed")
	if d.firing["nightly"].Annotations["description"] != "disk full" {
		t.Errorf("%+v", d.firing["nightly"])
	}
	d.until(d.now.Add(time.Minute), a)
	a.hear(SignStart)
	d.until(d.now.Add(time.Minute), a)
	d.expect(true, "it failed, and tries again")
	a.hear(SignBeat)
	a.turn()
	d.expect(false, "it is done")
	a.hear(SignStart)
	began := d.now
	d.until(began.Add(2*time.Hour-time.Second), a)
	d.expect(false, "it runs")
	d.until(began.Add(2*time.Hour+30*time.Second), a)
	d.expect(true, "it runs for too long")
	a.hear(SignBeat)
	a.turn()
	d.expect(false, "it has ended")
	d.until(d.now.Add(3*time.Hour), a)
	d.expect(false, "no run goes on")
}

// TestNobodyIsWokenBecauseWeWereDown: a whole interval is asked for after a break. A
// daemon that is started again each hour tells all the same of one that stopped.
func TestNobodyIsWokenBecauseWeWereDown(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	a.hear(SignBeat)
	d.until(evening.Add(20*time.Hour), a)
	d.now = evening.Add(30 * time.Hour) // down for ten hours
	back := d.now
	b := d.start("b", nightly())
	d.until(back.Add(25*time.Hour-time.Second), b)
	d.expect(false, "it was down, and no whole interval is over")
	d.until(back.Add(25*time.Hour+30*time.Second), b)
	d.expect(true, "it was heard of by nobody for a whole interval")

	b.hear(SignBeat)
	b.turn()
	heard := d.now
	for d.now.Before(heard.Add(26*time.Hour - time.Minute)) {
		d.expect(false, "it is started each hour")
		b = d.start("b", nightly())
		d.until(d.now.Add(time.Hour), b)
	}
	d.until(heard.Add(52*time.Hour), b)
	d.expect(true, "it is started often, and it stopped")
}

// TestAStartEachHour is told of a heartbeat that stopped within two of its intervals.
func TestAStartEachHour(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	a.hear(SignBeat)
	for range 51 {
		d.until(d.now.Add(time.Hour), a)
		a = d.start("a", nightly())
	}
	d.expect(true, "it stopped two days ago")
}

// TestADaemonThatIsDownAgainAndAgain is told of a heartbeat that stopped once it has
// listened for long enough, though never for a whole interval at a time. Who is hardly
// ever up tells of none.
func TestADaemonThatIsDownAgainAndAgain(t *testing.T) {
	for name, c := range map[string]struct {
		up, down time.Duration
		told     time.Duration // at the latest; 0: not within 30 days
	}{
		"each night, for some minutes":  {24*time.Hour - 3*time.Minute, 3 * time.Minute, 75 * time.Hour},
		"each hour":                     {50 * time.Minute, 2 * time.Minute, 75 * time.Hour},
		"up for an hour, down for days": {time.Hour, 71 * time.Hour, 0},
	} {
		d := newDesk(t)
		a := d.start("a", nightly())
		a.hear(SignBeat)
		d.until(evening.Add(time.Hour), a)
		for d.now.Before(evening.Add(30*24*time.Hour)) && !d.fires("nightly") {
			d.now = d.now.Add(c.down)
			a = d.start("a", nightly())
			for up := d.now.Add(c.up); d.now.Before(up) && !d.fires("nightly"); {
				d.until(d.now.Add(55*time.Second), a)
			}
		}
		if took := d.now.Sub(evening); d.fires("nightly") != (c.told > 0) || c.told > 0 && took > c.told {
			t.Errorf("%s: after %s it fires: %v", name, took, d.fires("nightly"))
		}
		if !d.fires("nightly") {
			continue
		}
		a.hear(SignBeat)
		a.turn()
		d.expect(false, name+": it beats again")
	}
	d := newDesk(t)
	a := d.start("a", nightly())
	for range 10 {
		a.hear(SignBeat)
		d.until(d.now.Add(24*time.Hour-time.Minute), a)
		d.now = d.now.Add(3 * time.Minute) // its beat is lost
		a = d.start("a", nightly())
		d.until(d.now.Add(24*time.Hour-2*time.Minute), a)
		d.expect(false, "one beat is lost in a break")
	}
}

// TestClocks that jump wake nobody, and hold nothing up.
func TestClocks(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	a.hear(SignBeat)
	d.until(evening.Add(time.Hour), a)
	d.now = d.now.Add(40 * time.Hour)
	a.turn()
	d.expect(false, "its clock jumped ahead")
	jumped := d.now
	d.until(jumped.Add(25*time.Hour+30*time.Second), a)
	d.expect(true, "a whole interval after the jump")
	a.hear(SignBeat)
	a.turn()
	d.now = d.now.Add(-100 * time.Hour)
	a.turn()
	back := d.now
	d.until(back.Add(25*time.Hour-time.Minute), a)
	d.expect(false, "its clock went back")
	d.until(back.Add(25*time.Hour+time.Minute), a)
	d.expect(true, "a whole interval after it went back")
}

// TestTwoDaemons hear for each other and tell once. What one makes the other knows.
func TestTwoDaemons(t *testing.T) {
	d := newDesk(t)
	a, b := d.start("a", nightly()), d.start("b", nightly())
	d.until(evening.Add(20*time.Hour), a, b)
	b.hear(SignBeat)
	d.until(evening.Add(45*time.Hour-time.Second), a, b)
	d.expect(false, "the other one heard it")
	d.until(evening.Add(45*time.Hour+30*time.Second), a, b)
	d.expect(true, "neither hears it")
	if d.told != 1 {
		t.Errorf("told %d times", d.told)
	}
	a.hear(SignBeat)
	b.turn()
	d.expect(false, "the other one tells its end")
}

// TestABeatBetween: a beat that comes while a silence is being told ends it, whoever is
// first.
func TestABeatBetween(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	b := d.start("b", nightly())
	d.until(evening.Add(25*time.Hour), b) // a is slow
	d.firing = map[string]ticket.Alert{}
	a.hear(SignBeat)
	a.turn()
	d.now = d.now.Add(25*time.Hour + time.Second)
	a.heard, b.heard = evening, evening
	slow := true
	a.keeper.Take = func(ctx context.Context, batch ticket.Batch) error {
		if slow {
			slow = false
			d.now = d.now.Add(time.Second)
			b.hear(SignBeat)
			b.turn() // the end is told first
		}
		return d.take(ctx, batch)
	}
	item, err := a.keeper.Book.hearing.Get(t.Context(), hearingKey)
	if err != nil {
		t.Fatal(err)
	}
	item.Of.Alive = d.now // there was no break
	write, _ := a.keeper.Book.hearing.Put(hearingKey, item.Revision, item.Of)
	if _, err := d.store.Write(t.Context(), records.House, write); err != nil {
		t.Fatal(err)
	}
	a.turn()
	if slow {
		t.Fatal("nothing was told")
	}
	d.expect(false, "it beats")
	d.until(d.now.Add(time.Hour), a, b)
	d.expect(false, "it beats still")
}

// TestReload: the alert of one that is gone from the configuration ends, and nothing is
// left of it.
func TestReload(t *testing.T) {
	d := newDesk(t)
	a := d.start("a", nightly())
	d.until(evening.Add(26*time.Hour), a)
	d.expect(true, "it was never heard of")
	a.keeper.Book.Configure(nil)
	a.keeper.Sweep()
	a.turn()
	d.expect(false, "it is gone")
	if items, err := a.keeper.Book.beats.List(t.Context()); err != nil || len(items) != 0 {
		t.Errorf("%v %+v", err, items)
	}
	shorter := nightly()
	a.keeper.Book.Configure([]Heartbeat{shorter})
	a.turn()
	shorter.Every, shorter.Grace = model.Duration(10*time.Minute), model.Duration(time.Minute)
	a.keeper.Book.Configure([]Heartbeat{shorter})
	d.until(d.now.Add(12*time.Minute), a)
	d.expect(true, "it is to beat more often")
}

// TestByHand: people make heartbeats and end them; the token is kept nowhere.
func TestByHand(t *testing.T) {
	d := newDesk(t)
	a, b := d.start("a", nightly()), d.start("b", nightly())
	ctx := t.Context()
	e, token, err := a.keeper.Book.Make(ctx, Heartbeat{Name: "mine", Every: model.Duration(time.Hour), By: "alice"}, a.rules, d.now)
	if err != nil || e.Grace != model.Duration(12*time.Minute) || len(token) < 20 {
		t.Fatalf("%+v %q %v", e, token, err)
	}
	for _, kind := range []string{Kind, kindBeat} {
		r, err := d.store.Get(ctx, records.House, kind, "mine")
		if err != nil || strings.Contains(string(r.Value), token) {
			t.Errorf("%s %v", r.Value, err)
		}
	}
	var field *FieldError
	for _, bad := range []Heartbeat{{Name: "mine", Every: model.Duration(time.Hour)}, {Name: "nightly", Every: model.Duration(time.Hour)}, {Name: "fail", Every: model.Duration(time.Hour)}, {Name: "7", Every: model.Duration(time.Hour)}, {Name: "a/b", Every: model.Duration(time.Hour)}, {Name: strings.Repeat("a", 81), Every: model.Duration(time.Hour)}, {Name: "x"}, {Name: "x", Every: model.Duration(time.Hour), Labels: map[string]string{"customer": "nobody"}}} {
		if _, _, err := a.keeper.Book.Make(ctx, bad, a.rules, d.now); !errors.As(err, &field) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	door := NewDoor(b.keeper, zap.NewNop(), nil) // it has not read it yet
	d.now = d.now.Add(2 * time.Second)
	r := httptest.NewRequest(http.MethodGet, "/heartbeat/mine?token="+token, nil)
	w := httptest.NewRecorder()
	if door.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("the other daemon answers %d", w.Code)
	}
	d.until(d.now.Add(73*time.Minute), a, b)
	if !d.fires("mine") {
		t.Error("it is silent")
	}
	if _, err := a.keeper.Book.End(ctx, "nightly", d.now); !errors.Is(err, ErrConfigured) {
		t.Error(err)
	}
	if _, err := a.keeper.Book.End(ctx, "mine", d.now); err != nil {
		t.Fatal(err)
	}
	a.keeper.Sweep()
	a.turn()
	if d.fires("mine") {
		t.Error("it is ended, and its alert is not")
	}
	if _, err := b.keeper.Book.Get(ctx, "mine", d.now); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// TestAnAlertThatBeats opens no ticket; its end, and all other alerts, go on.
func TestAnAlertThatBeats(t *testing.T) {
	d, h := newDesk(t), nightly()
	matchers, err := parse.Matchers(`alertname="Watchdog"`)
	if err != nil {
		t.Fatal(err)
	}
	h.Key, h.From = "", &From{Source: "prometheus", Matchers: matchers}
	a := d.start("a", h)
	dog := func(status ticket.AlertStatus, name string) ticket.Alert {
		return ticket.Alert{Fingerprint: name, Status: status, Labels: map[string]string{"alertname": name}}
	}
	d.until(evening.Add(20*time.Hour), a)
	rest, n := a.keeper.Beaten(t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{dog(ticket.Firing, "Watchdog"), dog(ticket.Firing, "Disk"), dog(ticket.Resolved, "Watchdog")}, ResolveGroups: []string{"g"}})
	if n != 1 || len(rest.Alerts) != 2 || rest.Alerts[0].Fingerprint != "Disk" || rest.Source != "prometheus" || len(rest.ResolveGroups) != 1 {
		t.Errorf("%d %+v", n, rest)
	}
	if _, n := a.keeper.Beaten(t.Context(), ticket.Batch{Source: "other", Alerts: []ticket.Alert{dog(ticket.Firing, "Watchdog")}}); n != 0 {
		t.Error("an alert of another source beats it")
	}
	d.until(evening.Add(44*time.Hour), a)
	d.expect(false, "an alert beat it")
	d.until(evening.Add(46*time.Hour), a)
	d.expect(true, "no alert beats it")
}
