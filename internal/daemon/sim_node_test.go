package daemon

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/astreinte/astreinte/config"
)

// simNode is a machine on which one daemon after the other lives.
type simNode struct {
	s    *sim
	id   int
	skew time.Duration // of the machine's clock
	gone sync.WaitGroup

	mu   sync.Mutex
	life *simLife // nil: none
	no   int
}

// simLife is one start of one daemon. Once it is dead, nothing that it does
// gets out. While it is frozen, nothing moves.
type simLife struct {
	node   *simNode
	no     int
	config string
	daemon *Daemon
	read   *config.Config // what it goes by, since readAt
	readAt time.Time
	dead   chan struct{}

	mu      sync.Mutex
	died    bool
	stops   bool          // in peace: it ends its goroutines by itself, even if it is killed meanwhile
	frozen  chan struct{} // closed when it thaws; nil: it runs
	armed   *simTrap
	hits    []span // when something kept it from the store, or froze it
	second  time.Time
	calls   int      // in this second
	post    *simPost // where mails come in; nil: they do not
	atOnce  int      // since time last moved
	at      time.Time
	spinned bool
}

// simTrap strikes at a step: a call of the store or of a provider, before or
// after it.
type simTrap struct {
	op     string
	before bool
	freeze time.Duration // 0: death
}

var errSimDead = errors.New("sim: this daemon is dead")

func (n *simNode) now() *simLife {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.life
}

// machine is the machine's clock.
func (n *simNode) machine() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Add(n.skew)
}

// start begins a life if none is.
func (n *simNode) start() {
	n.mu.Lock()
	if n.life != nil {
		n.mu.Unlock()
		return
	}
	n.no++
	n.s.mu.Lock()
	text, parsed := n.s.config, n.s.parsed
	n.s.mu.Unlock()
	l := &simLife{node: n, no: n.no, config: text, read: parsed, readAt: time.Now(), dead: make(chan struct{})}
	n.life = l
	n.mu.Unlock()
	d, err := New(context.Background(), Options{
		Config: parsed, Store: &simStore{l: l}, Archive: n.s.newArchive(), Transport: &carrier{l}, Machine: n.machine,
		Log: n.s.log(l),
	})
	if err != nil {
		n.s.problem("start", "daemon %d: %v", n.id, err)
		return
	}
	if err := l.opensMail(d); err != nil {
		n.s.problem("start", "daemon %d: %v", n.id, err)
	}
	n.mu.Lock()
	l.mu.Lock()
	died := l.died
	if !died {
		l.daemon = d
	}
	l.mu.Unlock()
	n.mu.Unlock()
	if died { // while it began
		n.bury(d)
		return
	}
	n.s.tell("daemon %d begins its life %d", n.id, l.no)
}

// bury ends the goroutines of a daemon that is dead.
func (n *simNode) bury(d *Daemon) {
	n.gone.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = d.Stop(ctx) // nothing gets out
	})
}

// kill ends a life as kill -9 does. The daemon answers nobody any more, and
// nothing that it still does gets out. What it had with a provider is
// delivered or lost.
func (l *simLife) kill(why string) {
	l.mu.Lock()
	if l.died {
		l.mu.Unlock()
		return
	}
	l.died = true
	stops := l.stops
	close(l.dead)
	l.hits = append(l.hits, span{time.Now(), time.Now().Add(1000 * time.Hour)})
	l.thaw()
	l.mu.Unlock()
	n := l.node
	n.mu.Lock()
	n.life = nil
	d := l.daemon
	n.mu.Unlock()
	n.s.tell("daemon %d dies: %s", n.id, why)
	if d != nil && !stops {
		n.bury(d)
	}
}

// stop ends a life in peace.
func (n *simNode) stop(why string) {
	l := n.now()
	if l == nil || l.daemon == nil {
		return
	}
	l.mu.Lock()
	over := l.died || l.stops
	l.stops = true
	l.mu.Unlock()
	if over {
		return
	}
	ctx, cancel := simContext(20 * time.Second)
	defer cancel()
	err := l.daemon.Stop(ctx)
	n.s.tell("daemon %d stops, %s: %v", n.id, why, err)
	n.mu.Lock()
	if n.life == l {
		n.life = nil
	}
	n.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.died {
		l.died = true
		close(l.dead)
		l.thaw()
	}
	l.hits = append(l.hits, span{time.Now().Add(-20 * time.Second), time.Now().Add(1000 * time.Hour)})
}

// freeze is SIGSTOP, and SIGCONT after d.
func (l *simLife) freeze(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.died || l.frozen != nil {
		return
	}
	l.node.s.tell("daemon %d is stopped for %s", l.node.id, d)
	ch := make(chan struct{})
	l.frozen = ch
	l.hits = append(l.hits, span{time.Now(), time.Now().Add(d)})
	l.node.s.beside(func() {
		l.node.s.sleep(d)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.frozen == ch {
			l.node.s.tell("daemon %d goes on", l.node.id)
			l.thaw()
		}
	})
}

// thaw releases what freeze holds. l.mu is held.
func (l *simLife) thaw() {
	if l.frozen != nil {
		close(l.frozen)
		l.frozen = nil
	}
}

// pass waits while the daemon is frozen, and fails if it is dead.
func (l *simLife) pass() error {
	for {
		l.mu.Lock()
		died, frozen := l.died, l.frozen
		l.mu.Unlock()
		if died {
			return errSimDead
		}
		if frozen == nil {
			return nil
		}
		<-frozen
	}
}

// spring strikes if a trap waits for this step.
func (l *simLife) spring(op string, before bool) error {
	l.mu.Lock()
	trap := l.armed
	if trap == nil || trap.op != op || trap.before != before {
		l.mu.Unlock()
		return nil
	}
	l.armed = nil
	l.mu.Unlock()
	when := "after "
	if before {
		when = "before "
	}
	if trap.freeze > 0 {
		l.node.s.trouble(trap.freeze)
		l.freeze(trap.freeze)
	} else {
		s := l.node.s
		back := time.Second + time.Duration(s.roll("back")*float64(simRestart-time.Second))
		s.trouble(back)
		l.kill(when + op)
		s.beside(func() {
			if s.sleep(back) {
				l.node.start()
			}
		})
	}
	return l.pass()
}

// hit notes that something kept the daemon from its work.
func (l *simLife) hit(from, to time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hits = append(l.hits, span{from, to})
}

// hurt says whether something did so within a stretch of time.
func (l *simLife) hurt(from, to time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.hits {
		if h.meets(from, to) {
			return true
		}
	}
	return false
}

// simRestart is how long a daemon stays dead, at most.
const simRestart = 40 * time.Second

// alive are the daemons that live now.
func (s *sim) alive() []*simLife {
	var out []*simLife
	for _, n := range s.nodes {
		if l := n.now(); l != nil && l.ready() {
			out = append(out, l)
		}
	}
	return out
}

func (l *simLife) ready() bool {
	l.node.mu.Lock()
	defer l.node.mu.Unlock()
	return l.daemon != nil
}

// reload gives a daemon the configuration in force.
func (l *simLife) reload(text string, c *config.Config) {
	if l.pass() != nil {
		return
	}
	l.mu.Lock()
	l.config = text
	l.mu.Unlock()
	if err := l.daemon.Reload(context.Background(), c); err != nil {
		l.node.s.problem("reload", "daemon %d: %v", l.node.id, err)
	}
	l.hasRead(c)
	l.node.s.tell("daemon %d has read its configuration again", l.node.id)
}

// serve has the daemon answer a request, as over a connection. If the daemon
// dies, the connection is cut.
func (l *simLife) serve(rt http.RoundTripper, req *http.Request) (*http.Response, error) {
	type result struct {
		resp *http.Response
		err  error
	}
	done := make(chan result, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(req.Context()))
	go func() {
		defer cancel()
		if err := l.pass(); err != nil {
			done <- result{nil, err}
			return
		}
		resp, err := rt.RoundTrip(req.WithContext(ctx))
		if dead := l.pass(); dead != nil {
			resp, err = nil, dead
		}
		done <- result{resp, err}
	}()
	select {
	case r := <-done:
		return r.resp, r.err
	case <-req.Context().Done():
		cancel() // the server sees that its client is gone
		return nil, req.Context().Err()
	case <-l.dead:
		cancel()
		return nil, errSimDead
	}
}
