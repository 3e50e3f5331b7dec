package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Run tests a store. open gives an empty one each time. Run closes it at the
// end of the test that asked for it. The tests use three sources, which a
// Redis Cluster of three keeps on three nodes.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, g := range groups() {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newBench(t, open(t))) })
			}
		})
	}
}

type group struct {
	name  string
	cases []testCase
}

type testCase struct {
	name string
	run  func(b *bench)
}

func groups() []group {
	return []group{
		{"Observe", observeCases()},
		{"Alerts", alertCases()},
		{"Commit", commitCases()},
		{"Crowd", crowdCases()},
		{"Closing", closingCases()},
		{"Numbers", numberCases()},
		{"Due", dueCases()},
		{"Claim", claimCases()},
		{"Pace", paceCases()},
		{"Finish", finishCases()},
		{"Receipt", receiptCases()},
		{"Stats", statsCases()},
		{"Codes", codeCases()},
		{"Devices", deviceCases()},
		{"Subscriptions", subscriptionCases()},
		{"Lists", listCases()},
		{"Races", raceCases()},
		{"Storm", stormCases()},
		{"Model", modelCases()},
		{"Forget", forgetCases()},
		{"Sheets", sheetCases()},
		{"Records", recordCases()},
		{"Effects", effectCases()},
		{"Log", logCases()},
		{"Store", storeCases()},
	}
}

// The sources of the suite.
const (
	prometheus = "prometheus"
	grafana    = "grafana"
	zabbix     = "zabbix"
)

func sources() []string { return []string{prometheus, grafana, zabbix} }

// bench is a test with its store.
type bench struct {
	*testing.T
	s   Store
	ctx context.Context
}

func newBench(t *testing.T, s Store) *bench {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &bench{T: t, s: s, ctx: t.Context()}
}

// ok ends the test if a call failed.
func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("unexpected error: %v", err)
	}
}

// same compares two values as they would be stored.
func (b *bench) same(what string, got, want any) {
	b.Helper()
	if g, w := written(got), written(want); g != w {
		b.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func written(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// isAt compares instants, whatever their time zones.
func (b *bench) isAt(what string, got, want time.Time) {
	b.Helper()
	if !got.Equal(want) {
		b.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (b *bench) is(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// number reserves the number of one ticket.
func (b *bench) number(source string) string {
	b.Helper()
	numbers, err := b.s.Numbers(b.ctx, source, Prefix, 1)
	b.ok(err)
	if len(numbers) != 1 {
		b.Fatalf("Numbers: asked for one, got %q", numbers)
	}
	return numbers[0]
}

// ticket is a ticket with a reserved number, not stored yet.
func (b *bench) ticket(source string) ticket.Ticket {
	b.Helper()
	return Ticket(source, b.number(source))
}

// commit asks for changes and returns what became of each.
func (b *bench) commit(source string, changes ...escalation.Change) []error {
	b.Helper()
	errs, err := b.s.Commit(b.ctx, source, changes)
	b.ok(err)
	if len(errs) != len(changes) {
		b.Fatalf("Commit: %d changes, %d answers", len(changes), len(errs))
	}
	return errs
}

// apply commits changes that must all be applied.
func (b *bench) apply(changes ...escalation.Change) {
	b.Helper()
	for i, err := range b.commit(changes[0].Ticket.Source, changes...) {
		if err != nil {
			b.Fatalf("Commit: change %d, of %s: %v", i, changes[i].Ticket.Number, err)
		}
	}
}

// refused commits a change that must meet a conflict.
func (b *bench) refused(what string, c escalation.Change) {
	b.Helper()
	b.is(what, b.commit(c.Ticket.Source, c)[0], escalation.ErrConflict)
}

// load reads one ticket that must be there.
func (b *bench) load(source, number string) ticket.Record {
	b.Helper()
	records, err := b.s.Load(b.ctx, source, []string{number})
	b.ok(err)
	if len(records) != 1 {
		b.Fatalf("Load %s: %d records, want 1", number, len(records))
	}
	return records[0]
}

// opened stores a new ticket with firing alerts and returns it as stored.
func (b *bench) opened(source string, fingerprints ...string) ticket.Record {
	b.Helper()
	t := b.ticket(source)
	var alerts []ticket.Alert
	for _, f := range fingerprints {
		alerts = append(alerts, Alert(source, f))
	}
	b.apply(Opening(&t, alerts...))
	return b.load(source, t.Number)
}

// edited commits a change of a ticket and returns it as stored.
func (b *bench) edited(was ticket.Record, edit func(t *ticket.Ticket)) ticket.Record {
	b.Helper()
	b.apply(Next(was, edit))
	return b.load(was.Ticket.Source, was.Ticket.Number)
}

// resolved, closed: the ticket, so moved on.
func (b *bench) resolved(was ticket.Record) ticket.Record {
	b.Helper()
	return b.edited(was, func(t *ticket.Ticket) { Resolve(t, At(time.Minute)) })
}

func (b *bench) closed(was ticket.Record) ticket.Record {
	b.Helper()
	return b.edited(was, func(t *ticket.Ticket) { Close(t, At(2*time.Minute)) })
}

func (b *bench) observe(source string, observations ...escalation.Observation) escalation.Observed {
	b.Helper()
	observed, err := b.s.Observe(b.ctx, source, observations)
	b.ok(err)
	if len(observed.Items) != len(observations) {
		b.Fatalf("Observe: %d observations, %d answers", len(observations), len(observed.Items))
	}
	return observed
}

// alert reads one alert that must be there.
func (b *bench) alert(source, fingerprint string) ticket.AlertRecord {
	b.Helper()
	records := b.alerts(source, fingerprint)
	if len(records) != 1 {
		b.Fatalf("Alerts %s: %d records, want 1", fingerprint, len(records))
	}
	return records[0]
}

// alerts reads alerts, in order of fingerprint.
func (b *bench) alerts(source string, fingerprints ...string) []ticket.AlertRecord {
	b.Helper()
	records, err := b.s.Alerts(b.ctx, source, fingerprints)
	b.ok(err)
	slices.SortFunc(records, func(x, y ticket.AlertRecord) int { return strings.Compare(x.Fingerprint, y.Fingerprint) })
	return records
}

func (b *bench) pages(of *ticket.Ticket) []ticket.Page {
	b.Helper()
	pages, err := b.s.Pages(b.ctx, of.Source, of.Number)
	b.ok(err)
	return pages
}

// page reads the page of a key, which must be there.
func (b *bench) page(of *ticket.Ticket, key ticket.PageKey) ticket.Page {
	b.Helper()
	for _, p := range b.pages(of) {
		if p.PageKey == key {
			return p
		}
	}
	b.Fatalf("Pages of %s: no page %s", of.Number, key)
	return ticket.Page{}
}

func (b *bench) view(number string) ticket.View {
	b.Helper()
	view, err := b.s.View(b.ctx, number)
	b.ok(err)
	return view
}

// texts are the texts of a ticket's timeline.
func (b *bench) texts(number string) []string {
	b.Helper()
	var texts []string
	for _, e := range b.view(number).Timeline {
		texts = append(texts, e.Text)
	}
	return texts
}

func (b *bench) due(now time.Time, limit int) (due []escalation.Deadline, next time.Time) {
	b.Helper()
	due, next, err := b.s.Due(b.ctx, now, limit)
	b.ok(err)
	return due, next
}

func (b *bench) stats() ticket.Stats {
	b.Helper()
	stats, err := b.s.Stats(b.ctx)
	b.ok(err)
	return stats
}

// lease is how long the suite's claims run.
const lease = 30 * time.Second

func (b *bench) claim(owner string, now time.Time, limit int) (claims []paging.Claim, next time.Time) {
	b.Helper()
	claims, next, err := b.s.Claim(b.ctx, paging.ClaimRequest{Owner: owner, Now: now, Until: now.Add(lease), Limit: limit})
	b.ok(err)
	return claims, next
}

// claimOne claims the one page that must be there to be claimed.
func (b *bench) claimOne(owner string, now time.Time) paging.Claim {
	b.Helper()
	claims, _ := b.claim(owner, now, 10)
	if len(claims) != 1 {
		b.Fatalf("Claim: %d claims, want 1: %s", len(claims), keys(claims))
	}
	return claims[0]
}

// claimFirst claims one page of those that can be claimed.
func (b *bench) claimFirst(owner string, now time.Time) paging.Claim {
	b.Helper()
	claims, _ := b.claim(owner, now, 1)
	if len(claims) != 1 {
		b.Fatalf("Claim: %d claims, want 1: %s", len(claims), keys(claims))
	}
	return claims[0]
}

// none claims nothing, or the test fails.
func (b *bench) none(what string, now time.Time) {
	b.Helper()
	if claims, _ := b.claim("nobody", now, 10); len(claims) > 0 {
		b.Errorf("%s: claimed %s, want nothing", what, keys(claims))
	}
}

func keys(claims []paging.Claim) []string {
	found := []string{}
	for i := range claims {
		found = append(found, claims[i].Page.String())
	}
	return found
}

func (b *bench) finish(outcomes ...paging.Outcome) []bool {
	b.Helper()
	applied, err := b.s.Finish(b.ctx, outcomes)
	b.ok(err)
	if len(applied) != len(outcomes) {
		b.Fatalf("Finish: %d outcomes, %d answers", len(outcomes), len(applied))
	}
	return applied
}

// together runs n calls at once and reports their errors.
func (b *bench) together(n int, call func(i int) error) {
	b.Helper()
	var (
		group sync.WaitGroup
		start = make(chan struct{})
		errs  = make([]error, n)
	)
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	group.Wait()
	b.ok(errors.Join(errs...))
}
