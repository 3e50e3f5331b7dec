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
	// AccountSID and AuthToken are the Twilio account's; AuthToken signs what is
	// sent to the daemon. Left out, both are random.
	AccountSID string
	AuthToken  string
	// Number is the account's own number, E.164: +33639980000 where left out.
	Number string
	// Project is the Firebase project's id: astreinte-demo where left out.
	Project string
	// Key is the service account's; made anew where left out, which takes a
	// while. Tests with many worlds share one.
	Key *rsa.PrivateKey
	// PublicURL is the daemon's public base URL, over which requests to it are
	// signed; the Daemon's where left out.
	PublicURL string
	// Daemon is the base URL at which the daemon really listens; the PublicURL
	// where left out. SetDaemon gives it later.
	Daemon string
	// Client carries requests to the daemon. Left out it is a client of the
	// World's own, which uses no proxy.
	Client *http.Client
	// Now tells the time of messages: time.Now where left out.
	Now func() time.Time
	// Machine tells the machine's time, by which a push's signature ends: time.Now
	// where left out.
	Machine func() time.Time
	// After paces all delays below and those of faults: a timer where left out.
	// A demo scales it.
	After func(time.Duration) <-chan time.Time
	// Delay is the time that a message takes to its phone, and a receipt from
	// one state to the next. Zero: at once.
	Delay time.Duration
	// GiveUp is the time after which an SMS to a phone that is off ends as
	// undelivered, 30003. A request's ValidityPeriod can shorten it. An hour
	// where left out.
	GiveUp time.Duration
	// Patience is how long an Expect waits, in the clock of the time package
	// (virtual inside a synctest bubble): 5 s where left out.
	Patience time.Duration
}

// World is a set of phones and the providers that reach them. Its methods
// may be called from any goroutine.
type World struct {
	opt     Options
	handler http.Handler
	own     *http.Transport // of the World's own client, else nil
	life    context.Context // ends with Close
	end     context.CancelFunc
	work    sync.WaitGroup // every goroutine and every request under way
	key     func() (*rsa.PrivateKey, error)

	mu        sync.Mutex
	closed    bool
	unplugged bool
	addr      string // of the listener, kept while unplugged
	stop      func() // closes the listener and its connections, nil without one
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
		key:      sync.OnceValues(newKey),
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

// SetDaemon says at which base URL the daemon really listens, for a daemon that
// is started after its providers.
func (w *World) SetDaemon(baseURL string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.daemon = strings.TrimRight(baseURL, "/")
}

// Phone returns the phone of that number (E.164), which is switched on; it
// makes it, and says whose it is, at the first call.
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

// Subscribe returns a channel that is signalled after each change of a phone or
// a message; several changes may share one signal. cancel ends it; the channel
// is never closed.
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

// begin counts one more piece of work that Close waits for. It returns false,
// and counts nothing, once the World is closed.
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

// randomHex returns 32 hex digits, what follows the letters of a Twilio id.
func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return hex.EncodeToString(b[:])
}
