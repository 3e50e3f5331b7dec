package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a book of mails with its queue, and a mail server.
type office struct {
	t      *testing.T
	clock  *escalation.WallClock
	store  *storetest.Memory
	people *contacts.Directory
	book   *Book
	mu     sync.Mutex
	sent   []Letter
	answer func(l *Letter) effect.Result
}

// inOffice opens one in a bubble. Its queue works until the test ends.
func inOffice(t *testing.T, late map[string]Late, do func(t *testing.T, o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d, err := contacts.NewDirectory([]contacts.Person{{Key: "alice", Email: "alice@example.net"}, {Key: "bruno"}}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := &office{t: t, clock: &escalation.WallClock{}, store: storetest.New(), people: d}
		o.book = NewBook(o.store.Records(), o.clock.Now, o.directory)
		o.book.Set(true)
		q := effect.New(effect.Options{
			Kind: ticket.LetterRecords, Records: o.store.Records(), Tickets: o.book, Clock: o.clock, Owner: "one", Over: Over, Gone: Gone,
			Chance: func() float64 { return 1 },
		})
		q.SetReceivers(map[string]effect.Receiver{Receiver: NewCarrier(Options{Book: o.book, Send: o.send, Late: late})})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { q.Run(ctx) })
		do(t, o)
		stop()
		running.Wait()
	})
}

func (o *office) send(_ context.Context, l Letter) effect.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, l)
	if o.answer != nil {
		return o.answer(&l)
	}
	return effect.Result{Class: effect.Taken}
}

// answers is what the mail server says from now on; nil: it takes everything.
func (o *office) answers(f func(l *Letter) effect.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = f
}

func (o *office) directory() *contacts.Directory {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.people
}

// know has the directory know these people and nobody else.
func (o *office) know(people ...contacts.Person) {
	o.t.Helper()
	d, err := contacts.NewDirectory(people, nil, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.people = d
}

// mails are those that were sent so far.
func (o *office) mails() []Letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.sent)
}

// pass lets time pass, until everything that follows from it is done.
func (o *office) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

func (o *office) outcome(kind, person, key string) outcome {
	o.t.Helper()
	shelf := o.book.outcomes()
	item, err := shelf.Get(o.t.Context(), nameOf(kind, person, key))
	if err != nil {
		o.t.Fatal(err)
	}
	return item.Of
}

func hello(key string) Mail { return Mail{Kind: "hello", Key: key, Subject: "Hello", Body: "Text\n"} }

// TestAMailGoesOutOnce: however often it is recorded, by however many daemons.
func TestAMailGoesOutOnce(t *testing.T) {
	inOffice(t, nil, func(t *testing.T, o *office) {
		var together sync.WaitGroup
		for range 10 {
			together.Go(func() {
				if err := o.book.To(t.Context(), "alice", hello("monday")); err != nil {
					t.Error(err)
				}
			})
		}
		together.Wait()
		o.pass(10 * time.Second)
		if err := o.book.To(t.Context(), "alice", hello("monday")); err != nil {
			t.Error(err)
		}
		o.pass(10 * time.Second)
		if len(o.mails()) != 1 || o.mails()[0].To != "alice@example.net" || o.mails()[0].Subject != "Hello" || o.mails()[0].Body != "Text\n" || o.mails()[0].Date.IsZero() {
			t.Errorf("%+v", o.mails())
		}
		if is := o.outcome("hello", "alice", "monday"); !is.Sent || is.Ended.IsZero() || is.Error != "" {
			t.Errorf("%+v", is)
		}
		if err := o.book.To(t.Context(), "alice", hello("tuesday")); err != nil {
			t.Error(err)
		}
		o.pass(10 * time.Second)
		if len(o.mails()) != 2 || o.mails()[0].ID == o.mails()[1].ID {
			t.Errorf("%+v", o.mails())
		}
	})
}

// TestAMailThatIsNotTaken is tried again as the same mail, until it is; who refuses it
// for good ends it.
func TestAMailThatIsNotTaken(t *testing.T) {
	inOffice(t, nil, func(t *testing.T, o *office) {
		o.answers(func(*Letter) effect.Result { return effect.Result{Error: "450", Alone: true} })
		if err := o.book.To(t.Context(), "alice", hello("monday")); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			o.pass(10 * time.Second)
			o.pass(time.Minute)
		}
		o.answers(nil)
		o.pass(10 * time.Minute)
		if len(o.mails()) < 3 || o.mails()[0] != o.mails()[len(o.mails())-1] {
			t.Errorf("%+v", o.mails())
		}
		if is := o.outcome("hello", "alice", "monday"); !is.Sent || is.Tries < 2 {
			t.Errorf("%+v", is)
		}
		o.answers(func(*Letter) effect.Result { return effect.Result{Class: effect.Never, Error: "550"} })
		if err := o.book.To(t.Context(), "alice", hello("tuesday")); err != nil {
			t.Fatal(err)
		}
		o.pass(10 * time.Second)
		if is := o.outcome("hello", "alice", "tuesday"); is.Sent || is.Error != "550" || is.Ended.IsZero() {
			t.Errorf("%+v", is)
		}
	})
}

// TestAMailThatIsTooLate is not sent, nor one to somebody who is gone.
func TestAMailThatIsTooLate(t *testing.T) {
	inOffice(t, nil, func(t *testing.T, o *office) {
		o.answers(func(*Letter) effect.Result { return effect.Result{Error: "away"} })
		m := hello("monday")
		m.Until = o.clock.Now().Add(30 * time.Minute)
		if err := errors.Join(o.book.To(t.Context(), "alice", m), o.book.To(t.Context(), "alice", hello("other"))); err != nil {
			t.Fatal(err)
		}
		o.pass(10 * time.Second)
		o.pass(30 * time.Minute)
		sent := len(o.mails())
		o.know(contacts.Person{Key: "alice"})
		o.pass(20 * time.Minute)
		if len(o.mails()) != sent {
			t.Errorf("%+v", o.mails())
		}
		for key, why := range map[string]string{"monday": "it is too late for it", "other": ErrNobody.Error()} {
			if is := o.outcome("hello", "alice", key); is.Sent || is.Error != why {
				t.Errorf("%s: %+v", key, is)
			}
		}
	})
}

// TestMailsOfAPersonAreBounded: twenty an hour, whatever they are about.
func TestMailsOfAPersonAreBounded(t *testing.T) {
	inOffice(t, nil, func(t *testing.T, o *office) {
		refused := 0
		for i := range 3 * ticket.MaxMails {
			switch err := o.book.To(t.Context(), "alice", hello(fmt.Sprint(i))); {
			case errors.Is(err, ErrTooMany):
				refused++
			case err != nil:
				t.Fatal(err)
			}
		}
		o.pass(10 * time.Second)
		if len(o.mails()) != ticket.MaxMails || refused != 2*ticket.MaxMails {
			t.Errorf("%d were sent, %d refused", len(o.mails()), refused)
		}
		o.pass(time.Hour)
		if err := o.book.To(t.Context(), "alice", hello("later")); err != nil {
			t.Error(err)
		}
		for who, want := range map[string]error{"bruno": ErrNobody, "nobody": ErrNobody} {
			if err := o.book.To(t.Context(), who, hello("x")); !errors.Is(err, want) {
				t.Errorf("%s: %v", who, err)
			}
		}
		o.book.Set(false)
		if err := errors.Join(o.book.To(t.Context(), "alice", hello("off"))); !errors.Is(err, ErrOff) {
			t.Error(err)
		}
	})
}

// TestAMailThatIsMadeLate: what is recorded is the same for anybody and for nobody, holds
// nothing that is made, and a person has few of them.
func TestAMailThatIsMadeLate(t *testing.T) {
	made := 0
	late := map[string]Late{"lost": {
		Most: 3, Find: func(asked string) (string, bool) { return "alice", asked == "Alice" },
		Make: func(context.Context, string, string) (Mail, error) {
			made++
			return Mail{Subject: "Key", Body: fmt.Sprintf("secret %d", made)}, nil
		},
	}}
	inOffice(t, late, func(t *testing.T, o *office) {
		until := func() time.Time { return o.clock.Now().Add(30 * time.Minute) }
		if err := errors.Join(o.book.Late(t.Context(), "lost", "Alice", until()), o.book.Late(t.Context(), "lost", "nobody at all", until())); err != nil {
			t.Fatal(err)
		}
		still := storetest.New().Records() // whose queue does not run
		idle := NewBook(still, o.clock.Now, o.directory)
		idle.Set(true)
		if err := errors.Join(idle.Late(t.Context(), "lost", "Alice", until()), idle.Late(t.Context(), "lost", "nobody at all", until())); err != nil {
			t.Fatal(err)
		}
		list, err := still.List(t.Context(), records.House, ticket.LetterRecords, "", 100)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d records, %v", len(list), err)
		}
		o.pass(10 * time.Second)
		if len(o.mails()) != 1 || o.mails()[0].To != "alice@example.net" || o.mails()[0].Body != "secret 1" {
			t.Errorf("%+v", o.mails())
		}
		o.answers(func(*Letter) effect.Result { return effect.Result{Error: "away", Alone: true} })
		o.pass(time.Minute)
		if err := o.book.Late(t.Context(), "lost", "Alice", until()); err != nil {
			t.Fatal(err)
		}
		o.pass(10 * time.Second)
		list, _ = o.store.Records().List(t.Context(), records.House, ticket.LetterRecords, "", 100)
		if len(list) != 1 || slices.ContainsFunc(list, func(r records.Record) bool { return containsSecret(r.Value) }) {
			t.Errorf("the store has %s", list[0].Value)
		}
		o.answers(nil)
		for range 20 {
			o.pass(time.Minute)
			if err := o.book.Late(t.Context(), "lost", "Alice", until()); err != nil {
				t.Fatal(err)
			}
			o.pass(10 * time.Second)
		}
		bodies := map[string]bool{}
		for _, l := range o.mails() {
			bodies[l.ID] = true
		}
		if len(bodies) != 3 {
			t.Errorf("%d mails within an hour: %+v", len(bodies), o.mails())
		}
	})
}

func containsSecret(value []byte) bool {
	e, err := ticket.ReadEffect(value)
	return err != nil || e.Letter.Body != "" || e.Letter.Subject != ""
}

// TestAMailToAnAddress goes to nobody of the configuration, once, and is bounded as others.
func TestAMailToAnAddress(t *testing.T) {
	inOffice(t, nil, func(t *testing.T, o *office) {
		const to = "audit@acme.example"
		for range 3 {
			if err := o.book.ToAddress(t.Context(), to, hello("monday")); err != nil {
				t.Fatal(err)
			}
			o.pass(10 * time.Second)
		}
		if all := o.mails(); len(all) != 1 || all[0].To != to || all[0].Body != "Text\n" {
			t.Errorf("%+v", all)
		}
		if is := o.outcome("hello", to, "monday"); !is.Sent || is.Person != to {
			t.Errorf("%+v", is)
		}
		for i := range 2 * ticket.MaxMails {
			if err := o.book.ToAddress(t.Context(), to, hello(fmt.Sprint(i))); err != nil && !errors.Is(err, ErrTooMany) {
				t.Fatal(err)
			}
		}
		o.pass(time.Minute)
		if n := len(o.mails()); n != ticket.MaxMails {
			t.Errorf("%d mails within an hour", n)
		}
		o.book.Set(false)
		if err := o.book.ToAddress(t.Context(), to, hello("off")); !errors.Is(err, ErrOff) {
			t.Error(err)
		}
	})
}
