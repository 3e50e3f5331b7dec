package back

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
	"github.com/astreinte/astreinte/internal/upstream/upstreamtest"
)

const number = "I261127_0001"

var testMark = ticket.MarkOf("https://astreinte.example.net")

// desk is a source with a receiver, whose ticket has the alerts that a test gives it.
type desk struct {
	t      *testing.T
	store  storetest.Store
	now    time.Time
	alerts []ticket.AlertRecord
	r      *Receiver
	acts   int
}

func newDesk(t *testing.T, kind string, tool func(o upstream.Options, now func() time.Time) Tool, stand http.Handler, path string) *desk {
	t.Helper()
	s := httptest.NewServer(stand)
	t.Cleanup(s.Close)
	d := &desk{t: t, store: storetest.New(), now: storetest.Began()}
	clock := func() time.Time { return d.now }
	o := upstream.Options{URL: s.URL + path, User: upstreamtest.User, Password: upstreamtest.Password, Token: upstreamtest.Token}
	d.r = New(Options{
		Source: "prometheus", Kind: kind, Tool: tool(o, clock), Records: d.store.Records(), Now: clock,
		Firing: func(_ context.Context, _ string, most int) ([]ticket.AlertRecord, error) {
			list := slices.DeleteFunc(slices.Clone(d.alerts), func(a ticket.AlertRecord) bool { return a.Status == ticket.Resolved })
			return list[:min(most, len(list))], nil
		},
		Gone: func(error) bool { return false },
		Mark: testMark,
		Say: func(e *ticket.Effect, what What, by *ticket.Actor) (string, string) {
			return "Zoé", testMark.On(e.Ticket) + ": " + []string{"taken", "released", "over", "recovered"}[what] + " at " + e.At.Format(time.TimeOnly)
		},
	})
	return d
}

// alert adds an alert to the ticket.
func (d *desk) alert(fingerprint string, labels ...string) {
	a := storetest.Alert("prometheus", fingerprint)
	a.Labels = map[string]string{}
	for i := 0; i+1 < len(labels); i += 2 {
		a.Labels[labels[i]] = labels[i+1]
	}
	d.alerts = append(d.alerts, ticket.AlertRecord{Alert: a, Ticket: number})
}

// happens tells the tool that the ticket came into a state, by alice; the same effect
// again if again is true.
func (d *desk) tell(state ticket.State, again bool) effect.Result {
	d.t.Helper()
	if !again {
		d.acts++
	}
	at := storetest.Began().Add(time.Duration(d.acts) * time.Second)
	e := ticket.Effect{Ticket: number, To: Name(d.r.o.Kind, "prometheus"), Order: "1", At: at, Queued: at}
	e.About = ticket.Ticket{Number: number, State: state}
	e.About.AcknowledgedBy, e.About.ResolvedBy = storetest.Person("alice"), storetest.Person("alice")
	return d.r.Send(d.t.Context(), &e)
}

func (d *desk) takes(state ticket.State, again ...bool) {
	d.t.Helper()
	if r := d.tell(state, len(again) > 0); r.Class != effect.Taken {
		d.t.Fatalf("%s: %+v", state, r)
	}
}

// kept is what is written down of the ticket.
func (d *desk) kept() []Held {
	d.t.Helper()
	item, err := d.r.book.get(d.t.Context(), number)
	if err != nil {
		d.t.Fatal(err)
	}
	return item.Of.Held
}

func icinga(o upstream.Options, _ func() time.Time) Tool { return Icinga{upstream.NewIcinga(o)} }

func TestIcingaHears(t *testing.T) {
	tool := upstreamtest.NewIcinga("srv", "srv!disk", "srv!load", "other")
	d := newDesk(t, KindIcinga, icinga, tool, "")
	d.alert("a", "instance", "srv")
	d.alert("b", "instance", "srv", "service", "disk")
	d.alert("c", "instance", "srv", "service", "load")
	d.alert("d", "instance", "gone")
	tool.Acknowledge("srv", "load", "Bob", "mine")
	for _, again := range []bool{false, true} { // a crash may have it sent again
		if r := d.tell(ticket.Acknowledged, again); r.Class != effect.Taken {
			t.Fatalf("%+v", r)
		}
	}
	for name, author := range map[string]string{"srv": "Zoé", "srv!disk": "Zoé", "srv!load": "Bob"} {
		if c, ok := tool.Acknowledges(name); !ok || c.Author != author {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c, _ := tool.Acknowledges("srv"); !strings.HasPrefix(c.Text, testMark.On(number)+": taken") {
		t.Errorf("the comment is %q", c.Text)
	}
	d.takes(ticket.Open)
	d.takes(ticket.Open, true)
	if _, ok := tool.Acknowledges("srv"); ok {
		t.Error("nobody has it, and it is acknowledged")
	}
	if _, ok := tool.Acknowledges("srv!load"); !ok {
		t.Error("another's acknowledgement was taken back")
	}
	if n := len(tool.Comments()); n != 3 { // the host and its services, once
		t.Errorf("%d comments: %+v", n, tool.Comments())
	}
	d.takes(ticket.InProgress)
	d.takes(ticket.StateResolved)
	if _, ok := tool.Acknowledges("srv!disk"); ok {
		t.Error("resolved by hand, and acknowledged still")
	}
	if d.kept() != nil {
		t.Errorf("%+v is written down", d.kept())
	}
}

func TestIcingaThatDoesNotTakeIt(t *testing.T) {
	tool := upstreamtest.NewIcinga("srv")
	d := newDesk(t, KindIcinga, icinga, tool, "")
	d.alert("a", "instance", "elsewhere")
	if r := d.tell(ticket.Acknowledged, false); r.Class != effect.Never || d.r.Trouble().Since.IsZero() {
		t.Errorf("it has no such host: %+v", r)
	}
	d.alerts = nil
	d.alert("a", "alertname", "x")
	if r := d.tell(ticket.Acknowledged, false); r.Class != effect.Never {
		t.Errorf("its alert names no host: %+v", r)
	}
	d.alerts = nil
	d.alert("a", "instance", "srv")
	for _, status := range []int{503, 401, 403} {
		tool.Away(status)
		if r := d.tell(ticket.Acknowledged, false); r.Class != effect.Again || r.Alone || d.r.Trouble().Why == "" {
			t.Errorf("%d: %+v", status, r)
		}
	}
	tool.Away(0)
	d.takes(ticket.Acknowledged, true)
	if !d.r.Trouble().Since.IsZero() {
		t.Errorf("%+v, and it works", d.r.Trouble())
	}
	tool.Set("srv", 0)
	d.takes(ticket.Acknowledged) // what is well needs no acknowledgement
	d.alerts = nil
	d.takes(ticket.Acknowledged)
}

// TestManyAlerts: a ticket with 300 alerts asks its tool a few times.
func TestManyAlerts(t *testing.T) {
	tool := upstreamtest.NewIcinga()
	d := newDesk(t, KindIcinga, icinga, tool, "")
	for i := range 300 {
		name := "srv" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26)
		tool.Set(name, 2)
		d.alert(name, "instance", name)
	}
	d.takes(ticket.Acknowledged)
	if n := len(tool.Requests()); n > 4 {
		t.Errorf("%d requests", n)
	}
	if _, ok := tool.Acknowledges(d.alerts[ticket.MaxBack-1].Fingerprint); !ok {
		t.Error("one of the first is not acknowledged")
	}
}

func zabbix(shut bool) func(o upstream.Options, _ func() time.Time) Tool {
	return func(o upstream.Options, _ func() time.Time) Tool { return Zabbix{upstream.NewZabbix(o), shut} }
}

func TestZabbixHears(t *testing.T) {
	tool := upstreamtest.NewZabbix("6.0.14", "11", "12", "13")
	d := newDesk(t, KindZabbix, zabbix(false), tool, "/zabbix")
	for _, id := range []string{"11", "12", "99", "host/trigger"} {
		d.alert(id)
	}
	tool.Change("12", func(p *upstreamtest.ZabbixProblem) { p.Acknowledged = true }) // a user of Zabbix
	d.takes(ticket.Acknowledged)
	d.takes(ticket.Acknowledged, true)
	if p := tool.Problem("11"); !p.Acknowledged || len(p.Messages) != 1 || !strings.HasPrefix(p.Messages[0], testMark.On(number)+": taken") {
		t.Errorf("%+v", p)
	}
	d.alerts = nil // the ticket is closed: its alerts are forgotten
	d.takes(ticket.StateResolved)
	d.takes(ticket.StateResolved, true)
	if p := tool.Problem("11"); p.Acknowledged || p.Closed || len(p.Messages) != 2 {
		t.Errorf("%+v", p)
	}
	if p := tool.Problem("12"); !p.Acknowledged || len(p.Messages) != 0 {
		t.Errorf("another's: %+v", p)
	}
	if d.kept() != nil {
		t.Errorf("%+v is written down", d.kept())
	}
}

// TestZabbixAfterAnUnknownOutcome: an acknowledgement that Zabbix took, and that nobody
// heard it had, is not made twice, and is taken back.
func TestZabbixAfterAnUnknownOutcome(t *testing.T) {
	tool := upstreamtest.NewZabbix("7.0.0", "11")
	d := newDesk(t, KindZabbix, zabbix(false), tool, "/zabbix")
	d.alert("11")
	d.takes(ticket.Acknowledged)
	item, err := d.r.book.get(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.r.book.put(t.Context(), &item, nil); err != nil { // as before it was written down
		t.Fatal(err)
	}
	d.takes(ticket.Acknowledged, true)
	d.takes(ticket.Open)
	if p := tool.Problem("11"); p.Acknowledged || len(p.Messages) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestZabbixCloses(t *testing.T) {
	tool := upstreamtest.NewZabbix("7.2.0", "11", "12")
	d := newDesk(t, KindZabbix, zabbix(true), tool, "/zabbix")
	d.alert("11")
	d.takes(ticket.Acknowledged)
	d.takes(ticket.StateResolved)
	if p := tool.Problem("11"); !p.Closed {
		t.Errorf("%+v", p)
	}
	d.alerts = nil
	d.alert("12")
	tool.Change("12", func(p *upstreamtest.ZabbixProblem) { p.NotByHand = true })
	d.takes(ticket.Acknowledged)
	r := d.tell(ticket.StateResolved, false)
	if p := tool.Problem("12"); r.Class != effect.Never || !strings.Contains(r.Error, "manual closing") || p.Closed || p.Acknowledged {
		t.Errorf("%+v %+v", r, p)
	}
}

func TestCheckmkHears(t *testing.T) {
	tool := upstreamtest.NewCheckmk("srv", "srv!disk")
	d := newDesk(t, KindCheckmk, func(o upstream.Options, _ func() time.Time) Tool { return Checkmk{upstream.NewCheckmk(o)} }, tool, "/site")
	d.alert("a", "instance", "srv")
	d.alert("b", "instance", "srv", "service", "disk")
	d.alert("c", "instance", "srv", "service", "well")
	d.takes(ticket.Acknowledged)
	d.takes(ticket.Acknowledged, true)
	if got := tool.Acknowledged(); !slices.Equal(got, []string{"srv", "srv!disk"}) || tool.Comments() != 2 {
		t.Errorf("%v, %d comments", got, tool.Comments())
	}
	d.takes(ticket.Open)
	if got := tool.Acknowledged(); len(got) > 0 || d.kept() != nil {
		t.Errorf("%v", got)
	}
	tool.Older()
	d.takes(ticket.Acknowledged)
	if r := d.tell(ticket.StateResolved, false); r.Class != effect.Never || !strings.Contains(r.Error, "2.4") || d.kept() != nil {
		t.Errorf("an older one: %+v", r)
	}
}

// TestAlertmanagerHears: each alert that fires there has a silence, that matches it
// alone, while somebody has the ticket, and no longer.
func TestAlertmanagerHears(t *testing.T) {
	tool := upstreamtest.NewAlertmanager(storetest.Began().Add(-time.Hour))
	d := newDesk(t, KindAlertmanager, func(o upstream.Options, now func() time.Time) Tool {
		return Alertmanager{upstream.NewAlertmanager(o), now}
	}, tool, "/am")
	tool.Now = func() time.Time { return d.now }
	tool.Fires("f1", "alertname", "Down", "instance", "a")
	tool.Fires("f2", "alertname", "Down", "instance", "b")
	d.alert("f1", "alertname", "Down", "instance", "a", "site", "Givrand") // the source adds that
	d.alert("f2", "alertname", "Down", "instance", "b")
	d.alert("f3", "alertname", "Down", "instance", "over there")
	d.takes(ticket.Acknowledged)
	d.takes(ticket.Acknowledged, true)
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1", "f2"}) || tool.Made() != 2 {
		t.Fatalf("%v, %d were made", got, tool.Made())
	}
	for _, s := range tool.Silences() {
		if !strings.HasPrefix(s.Comment, number) || s.CreatedBy != "Zoé" || len(s.Matchers) != 2 {
			t.Errorf("%+v", s)
		}
	}
	k := d.keeper(ticket.Acknowledged)
	for range 12 * 3 { // three hours
		d.now = d.now.Add(lookEvery)
		d.turn(k)
	}
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1", "f2"}) || tool.Made() != 2 {
		t.Errorf("after hours %v, %d were made", got, tool.Made())
	}
	d.takes(ticket.StateResolved)
	d.takes(ticket.StateResolved, true)
	if got := tool.Silenced(); len(got) > 0 || d.kept() != nil {
		t.Errorf("over, and silenced: %v", got)
	}
}

// TestSilencesEndByThemselves: if no daemon extends them.
func TestSilencesEndByThemselves(t *testing.T) {
	tool, d := silencing(t)
	d.now = d.now.Add(silenceFor + time.Second)
	if got := tool.Silenced(); len(got) > 0 {
		t.Errorf("%v", got)
	}
	k := d.keeper(ticket.Open) // nobody has it any more, and no effect said so
	d.turn(k)
	if d.kept() != nil {
		t.Errorf("%+v", d.kept())
	}
}

// TestWhatASilenceHides: an Alertmanager does not say that a silenced alert is over, so
// the keeper does; but not of one that it merely does not know yet.
func TestWhatASilenceHides(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	tool.Over("f1")
	tool.Restart(d.now)
	for range 2 {
		d.now = d.now.Add(lookEvery)
		if got := d.turn(k); len(got) > 0 {
			t.Errorf("%v is over, of one that has just started", got)
		}
	}
	var over []string
	for range 4 {
		d.now = d.now.Add(lookEvery)
		over = append(over, d.turn(k)...)
	}
	if len(over) == 0 || over[0] != "f1" {
		t.Fatalf("over: %v", over)
	}
	d.alerts[0].Status = ticket.Resolved
	d.now = d.now.Add(lookEvery)
	d.turn(k)
	tool.Fires("f1", "alertname", "Down", "instance", "a")
	if got := tool.Silenced(); len(got) > 0 {
		t.Errorf("it fires again, and is silenced still: %v", got)
	}
}

// TestASilenceHoldsBackOneAlert: a silence by all labels of an alert matches those, too,
// that have more labels. Nobody has seen them.
func TestASilenceHoldsBackOneAlert(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	tool.Fires("f2", "alertname", "Down", "instance", "a", "device", "sda") // it began later
	d.now = d.now.Add(lookEvery)
	d.turn(k)
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1"}) {
		t.Errorf("a look later %v are silenced", got)
	}
	tool.Over("f2")
	tool.Fires("f3", "alertname", "Down", "instance", "b") // both of these fire when the ticket is taken
	tool.Fires("f4", "alertname", "Down", "instance", "b", "device", "sda", "mount", "/")
	d.alert("f3", "alertname", "Down", "instance", "b")
	d.takes(ticket.Acknowledged)
	d.takes(ticket.Acknowledged, true)
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1", "f3"}) || tool.Made() != 3 {
		t.Errorf("%v are silenced, %d were made", got, tool.Made())
	}
	for range 12 {
		d.now = d.now.Add(lookEvery)
		d.turn(k)
	}
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1", "f3"}) || tool.Made() != 3 {
		t.Errorf("after an hour %v are silenced, %d were made", got, tool.Made())
	}
	d.takes(ticket.StateResolved)
	if got := tool.Silences(); len(got) > 0 {
		t.Errorf("it is over, and %+v hold", got)
	}
}

// TestAnAlertmanagerThatDoesNotSaySinceWhenItRuns may have started just now: what it does
// not list is not over.
func TestAnAlertmanagerThatDoesNotSaySinceWhenItRuns(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	tool.Over("f1")
	tool.Restart(time.Time{})
	for range 4 {
		d.now = d.now.Add(lookEvery)
		if got := d.turn(k); len(got) > 0 {
			t.Errorf("%v is over", got)
		}
	}
}

func silencing(t *testing.T) (*upstreamtest.Alertmanager, *desk) {
	t.Helper()
	tool := upstreamtest.NewAlertmanager(storetest.Began().Add(-time.Hour))
	d := newDesk(t, KindAlertmanager, func(o upstream.Options, now func() time.Time) Tool {
		return Alertmanager{upstream.NewAlertmanager(o), now}
	}, tool, "/am")
	tool.Now = func() time.Time { return d.now }
	tool.Fires("f1", "alertname", "Down", "instance", "a")
	d.alert("f1", "alertname", "Down", "instance", "a")
	d.takes(ticket.Acknowledged)
	if got := tool.Silenced(); len(got) != 1 {
		t.Fatal(got)
	}
	return tool, d
}

type ticketsIn ticket.State

func (s ticketsIn) Load(_ context.Context, source string, _ []string) ([]ticket.Record, error) {
	return []ticket.Record{{Ticket: ticket.Ticket{Number: number, Source: source, State: ticket.State(s)}, Revision: 1}}, nil
}

type keeper struct {
	Keeper
	over []string
}

func (d *desk) keeper(state ticket.State) *keeper {
	k := &keeper{}
	k.Keeper = Keeper{
		Records: d.store.Records(), Tickets: ticketsIn(state), Owner: "one", Now: func() time.Time { return d.now },
		Receivers: func() map[string]*Receiver { return map[string]*Receiver{d.r.book.to: d.r} },
		Take: func(_ context.Context, b ticket.Batch) error {
			for _, a := range b.Alerts {
				if a.Status == ticket.Resolved && b.Source == "prometheus" {
					k.over = append(k.over, a.Fingerprint)
				}
			}
			return nil
		},
	}
	return k
}

// turn has a keeper do what is due. It returns the alerts that it found to be over.
func (d *desk) turn(k *keeper) []string {
	d.t.Helper()
	k.over = nil
	if _, err := k.Turn(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	return k.over
}

// TestAKeeperAndAnEffectAtOnce: while a keeper has an entry, an effect waits, and what
// a keeper writes late changes nothing.
func TestAKeeperAndAnEffectAtOnce(t *testing.T) {
	tool, d := silencing(t)
	d.now = d.now.Add(lookEvery)
	claimed, err := d.store.Records().Claim(t.Context(), records.Claim{Kind: ticket.BackRecords, Owner: "x", Now: d.now, Until: d.now.Add(claimedFor), Most: 9})
	if err != nil || len(claimed) != 1 {
		t.Fatal(len(claimed), err)
	}
	if r := d.tell(ticket.StateResolved, false); r.Class != effect.Again || !r.Alone || len(tool.Silenced()) != 1 {
		t.Errorf("%+v", r)
	}
	d.now = d.now.Add(claimedFor + time.Second)
	d.takes(ticket.StateResolved, true)
	var e entry
	if err := json.Unmarshal(claimed[0].Value, &e); err != nil {
		t.Fatal(err)
	}
	late := records.Item[entry]{Record: claimed[0], Of: e}
	if err := d.r.book.put(t.Context(), &late, e.Held); err == nil || d.kept() != nil {
		t.Error("a keeper that lost its claim wrote an entry")
	}
}
