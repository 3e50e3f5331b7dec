package paging_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

const wayPigeon = "pigeon"

// pigeonWay is a made-up channel. It costs what every new channel costs: a
// sender, which is loft, and this row.
func pigeonWay() paging.Way {
	return paging.Way{
		Name: wayPigeon,
		Addresses: func(p contacts.Person) []string {
			return map[string][]string{"alice": {"north window", "south window"}}[p.Key]
		},
		Nowhere: paging.Result{Class: paging.DeadAddress, Code: "no_window"},
		Text: func(_ string, f words.Facts, _ paging.Provider) paging.Message {
			return paging.Message{Text: "Coo! " + f.Title}
		},
		Test:     func(title, _ string) paging.Message { return paging.Message{Text: "Coo? " + title} },
		Receipts: true,
	}
}

// loft sends pigeons, and is also a provider of SMS. It takes all messages
// except those for a window that is shut.
type loft struct {
	shut string
	mu   sync.Mutex
	sent []string
}

// Send lets a pigeon fly.
func (l *loft) Send(_ context.Context, m paging.Message) paging.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, _, _ := strings.Cut(m.Text, "\n")
	l.sent = append(l.sent, m.To+": "+text)
	if m.To == l.shut {
		return paging.Result{Class: paging.DeadAddress, Code: "shut"}
	}
	return paging.Result{Class: paging.Accepted, ProviderID: "ring " + strconv.Itoa(len(l.sent))}
}

func (l *loft) told() (sent []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sent, l.sent = l.sent, nil
	return sent
}

// pigeonRules page alice by pigeon, and bruno, who has no window, by SMS after her.
func pigeonRules(t *testing.T) *escalation.Rules {
	t.Helper()
	directory, err := contacts.NewDirectory(
		[]contacts.Person{{Key: "alice"}, {Key: "bruno", Phones: []string{"+33612345602"}}},
		[]contacts.Group{{Key: "on-call", People: []string{"alice"}}, {Key: "backup", People: []string{"bruno"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	step := func(group string, after time.Duration, by ...string) ticket.Step {
		return ticket.Step{Group: group, After: after, By: by, Repeat: []ticket.Pace{{Every: time.Hour}}}
	}
	policy := ticket.Policy{Name: "now", Steps: []ticket.Step{
		step("on-call", 0, wayPigeon, paging.WaySMS), step("backup", 10*time.Minute, wayPigeon, paging.WaySMS),
	}}
	return &escalation.Rules{
		Location: time.UTC, Language: "fr", Directory: directory, Channels: []string{paging.WaySMS, wayPigeon},
		Policies: map[string]ticket.Policy{policy.Name: policy},
		Route:    dispatch.NewRoute(&config.Route{Receiver: policy.Name, GroupBy: []model.LabelName{"alertname"}}, nil),
	}
}

// TestAChannelIsARow: a new kind of channel needs a row and a sender. It pages
// from the alert to the receipt, falls back to another address, and sends test
// pages.
func TestAChannelIsARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, clock, rules := storetest.New(), &escalation.WallClock{}, pigeonRules(t)
		ways := append(paging.AllWays(), pigeonWay())
		birds, texts := &loft{shut: "north window"}, &loft{}
		var outbox *paging.Outbox
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: clock, Rules: rules, Ordered: func() { outbox.Wake() },
			Reach: func(p contacts.Person, channel string) bool {
				w := paging.FindWay(ways, channel)
				return w != nil && w.Reaches(p, func(string) bool { return false })
			},
		})
		outbox = paging.NewOutbox(paging.Parts{
			Store: store, Directory: store, Actions: engine, Clock: clock, Known: ways, Settings: paging.Settings{Owner: "one"},
			Ways: paging.Ways{PublicURL: "https://astreinte.example.net", Channels: map[string][]paging.Provider{
				wayPigeon: {{Name: "loft", Channel: birds, Receipts: true}}, paging.WaySMS: {{Name: "texts", Channel: texts}},
			}},
		})
		ctx, cancel := context.WithCancel(t.Context())
		var beside sync.WaitGroup
		beside.Go(func() { _ = engine.Run(ctx) })
		beside.Go(func() { _ = outbox.Run(ctx) })
		defer func() {
			cancel()
			beside.Wait()
			if err := engine.Stop(context.WithoutCancel(ctx)); err != nil {
				t.Error(err)
			}
		}()
		if _, err := engine.Ingest(ctx, ticket.Batch{Source: "lab", Alerts: []ticket.Alert{{
			Fingerprint: "1", Status: ticket.Firing, Labels: map[string]string{"alertname": "HostDown", "instance": "srv-db-01"},
		}}}); err != nil {
			t.Fatal(err)
		}
		after(t, time.Second)
		want(t, "alice, at the window that is open", birds.told(), "north window: Coo! srv-db-01 HostDown", "south window: Coo! srv-db-01 HostDown")
		want(t, "nobody yet by SMS", texts.told())

		if err := outbox.Receive(ctx, paging.Receipt{ProviderID: "ring 2", State: ticket.PageUndelivered, Error: "hawk"}, paging.DeadAddress); err != nil {
			t.Fatal(err)
		}
		after(t, time.Second)
		want(t, "alice, at the other window", birds.told(), "north window: Coo! srv-db-01 HostDown", "south window: Coo! srv-db-01 HostDown")
		after(t, 10*time.Minute)
		want(t, "bruno has no window", birds.told())
		if sent := texts.told(); len(sent) != 1 || !strings.HasPrefix(sent[0], "+33612345602: ") {
			t.Errorf("bruno got %q", sent)
		}

		tests := paging.NewTestPages(outbox, store.Records(), nil)
		alice, _ := rules.Directory.Person("alice")
		page, err := tests.Send(ctx, alice, rules.Channels, "carol")
		if err != nil || len(page.Tries) != 2 || page.Tries[1].State != ticket.PageSent || page.Tries[1].Channel != wayPigeon {
			t.Errorf("a test page: %+v, %v", page.Tries, err)
		}
		if sent := birds.told(); len(sent) != 2 || !strings.Contains(sent[0], ": Coo? TEST") {
			t.Errorf("a test page says %q", sent)
		}
	})
}

// after lets time pass until everything that follows from it is done.
func after(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestNobodyElseNamesAChannel: only the channel's own code has its name, so
// nothing else has to change for a new one.
func TestNobodyElseNamesAChannel(t *testing.T) {
	quoted := make([]string, 0, 2)
	for _, name := range paging.WayNames(paging.AllWays()) {
		quoted = append(quoted, strconv.Quote(name))
	}
	var found []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains([]string{"storetest", "archivetest", "phonetest", "bench"}, d.Name()) || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir // directories of tests
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(filepath.Clean(path))
		if err == nil && slices.ContainsFunc(quoted, func(q string) bool { return strings.Contains(string(text), q) }) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "files that name a channel", slices.DeleteFunc(slices.DeleteFunc(found, answersBySMS), alertsByMail), "../config/channels.go", "../paging/way.go")
}

// answersBySMS are files in which the word says how something came in or goes
// back. That is no page.
func answersBySMS(path string) bool {
	return strings.HasPrefix(path, "../paging/answer/") || strings.HasPrefix(path, "../internal/lang/") || path == "../paging/gateway/spec.go"
}

// alertsByMail are files in which the word is a type of source, or where a ticket came from.
func alertsByMail(path string) bool {
	return path == "../ingest/mail.go" || path == "../ingest/mailin/session.go" || path == "../internal/daemon/mailin.go" ||
		path == "../internal/ticket/qualification.go"
}
