package phonetest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options of a World. Every field may be left out.
type Options struct {
	// AccountSID and AuthToken are the Twilio account's. AuthToken signs what is
	// sent to the daemon. Left out, both are random.
	AccountSID string
	AuthToken  string
	// Number is the account's own number, E.164. Left out: +33639980000.
	Number string
	// Project is the Firebase project's id. Left out: astreinte-demo.
	Project string
	// Key is the service account's. Left out, a new one is made, which takes a
	// while. Tests with many worlds share one.
	Key *rsa.PrivateKey
	// PublicURL is the daemon's public base URL, over which requests to it are
	// signed. Left out: Daemon.
	PublicURL string
	// Daemon is the base URL at which the daemon really listens. Left out:
	// PublicURL. SetDaemon may set it later.
	Daemon string
	// Client carries requests to the daemon. Left out: a new client, which uses
	// no proxy.
	Client *http.Client
	// Now tells the time of messages. Left out: time.Now.
	Now func() time.Time
	// Machine tells the machine's time, by which a push's signature ends. Left
	// out: time.Now.
	Machine func() time.Time
	// After makes all delays below and those of faults. Left out: a timer. A demo
	// scales it.
	After func(time.Duration) <-chan time.Time
	// Delay is how long a message takes to its phone, and a receipt from one
	// state to the next. Zero: no time.
	Delay time.Duration
	// GiveUp is after how long an SMS to a phone that is off ends as undelivered,
	// 30003. A request's ValidityPeriod can shorten it. Left out: an hour.
	GiveUp time.Duration
	// Patience is how long an Expect waits, in the clock of the time package
	// (virtual inside a synctest bubble). Left out: 5 s.
	Patience time.Duration
}

// World is a set of phones and the providers that reach them. Any goroutine
// may call its methods.
type World struct {
	opt     Options
	handler http.Handler
	own     *http.Transport // the transport of the World's own client, otherwise nil
	life    context.Context // ends with Close
	end     context.CancelFunc
	work    sync.WaitGroup // every goroutine and every request under way
	key     func() (*rsa.PrivateKey, error)

	mu        sync.Mutex
	closed    bool
	unplugged bool
	addr      string // of the listener, kept while unplugged
	stop      func() // closes the listener and its connections; nil if there are none
	daemon    string
	phones    []*Phone
	byNumber  map[string]*Phone
	byToken   map[string]*Phone
	browsers  map[string]*browser // by endpoint
	records   []*record
	bySID     map[string]*record
	bearers   map[string]bool
	optedOut  map[string]bool // numbers that texted STOP
	faults    []*Fault
	attempts  []Attempt
	callbacks []Callback
	watchers  map[chan struct{}]struct{}
}

// New returns a World without phones. The caller closes it.
func New(opt Options) *World {
	w := &World{
		opt:      opt,
		key:      processKey,
		byNumber: map[string]*Phone{},
		byToken:  map[string]*Phone{},
		browsers: map[string]*browser{},
		bySID:    map[string]*record{},
		bearers:  map[string]bool{},
		optedOut: map[string]bool{},
		watchers: map[chan struct{}]struct{}{},
	}
	w.fillOptions()
	if opt.Key != nil {
		w.key = func() (*rsa.PrivateKey, error) { return opt.Key, nil }
	}
	w.daemon = w.opt.Daemon
	w.life, w.end = context.WithCancel(context.Background())
	w.handler = w.routes()
	return w
}

func (w *World) fillOptions() {
	o := &w.opt
	setDefault(&o.AccountSID, "AC"+randomHex())
	setDefault(&o.AuthToken, randomHex())
	setDefault(&o.Number, "+33639980000")
	setDefault(&o.Project, "astreinte-demo")
	setDefault(&o.GiveUp, time.Hour)
	setDefault(&o.Patience, 5*time.Second)
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	o.Daemon = strings.TrimRight(o.Daemon, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Machine == nil {
		o.Machine = time.Now
	}
	if o.After == nil {
		o.After = func(d time.Duration) <-chan time.Time { return time.NewTimer(d).C }
	}
	if o.Client == nil {
		w.own = &http.Transport{}
		o.Client = &http.Client{Transport: w.own}
	}
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// AccountSID returns the Twilio account's id, AC and 32 hex digits.
func (w *World) AccountSID() string { return w.opt.AccountSID }

// AuthToken returns the Twilio account's token: the password of its API and the
// key of its signatures.
func (w *World) AuthToken() string { return w.opt.AuthToken }

// Number returns the account's own number, E.164.
func (w *World) Number() string { return w.opt.Number }

// Project returns the Firebase project's id.
func (w *World) Project() string { return w.opt.Project }

// SetDaemon sets the base URL at which the daemon really listens. It is for a
// daemon that starts after its providers.
func (w *World) SetDaemon(baseURL string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.daemon = strings.TrimRight(baseURL, "/")
}

// Phone returns the phone with that number (E.164), which is switched on. The
// first call makes it, and says whose it is.
func (w *World) Phone(name, number string) *Phone {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.byNumber[number]; p != nil {
		return p
	}
	p := &Phone{world: w, name: name, number: number}
	w.phones = append(w.phones, p)
	w.byNumber[number] = p
	w.changed()
	return p
}

// Phones returns all phones, in the order in which they were made.
func (w *World) Phones() []*Phone {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*Phone(nil), w.phones...)
}

// Subscribe returns a channel that is signalled after each change of a phone
// or a message. Several changes may share one signal. cancel ends it. The
// channel is never closed.
func (w *World) Subscribe() (changes <-chan struct{}, cancel func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watchers[ch] = struct{}{}
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, ch)
	}
}

// changed tells the subscribers. The caller holds the lock.
func (w *World) changed() {
	for ch := range w.watchers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// begin counts one more piece of work that Close waits for. Once the World is
// closed, it returns false and counts nothing.
func (w *World) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.work.Add(1)
	return true
}

// spawn runs f in a goroutine that Close joins.
func (w *World) spawn(f func()) {
	if !w.begin() {
		return
	}
	go func() {
		defer w.work.Done()
		f()
	}()
}

// wait lets d pass. It returns false if ctx or the World ended first.
func (w *World) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil && w.life.Err() == nil
	}
	select {
	case <-w.opt.After(d):
		return true
	case <-ctx.Done():
		return false
	case <-w.life.Done():
		return false
	}
}

// randomHex returns 32 hex digits: the part of a Twilio id after its letters.
func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return hex.EncodeToString(b[:])
}
