package daemon

import (
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// storeFault lets store calls fail for a while. The node -1 stands for all
// nodes.
func (s *sim) storeFault(node int, length time.Duration, often float64, how string, ops ...string) {
	s.trouble(length + 10*time.Second) // a call that blocks may hold its batch as long
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &storeFault{span: span{now, now.Add(length)}, node: node, ops: ops, often: often, how: how})
}

// failover keeps what the store holds now and puts it back once lost has
// passed: the store then forgets what was written meanwhile.
func (s *sim) failover(lost time.Duration) {
	s.trouble(lost + time.Second)
	snap, from := s.past.snapshot(), time.Now()
	s.beside(func() {
		if s.sleep(lost) {
			s.past.restore(snap, from)
			s.tell("the store is what it was %s ago", lost)
		}
	})
}

// shift moves the store's clock.
func (s *sim) shift(by time.Duration) {
	s.trouble(15 * time.Second) // daemons look at it each 10 s
	s.mu.Lock()
	s.offset += by
	s.shifts = append(s.shifts, time.Now())
	s.shifted += by.Abs()
	offset := s.offset
	s.mu.Unlock()
	s.memory.SetOffset(offset)
}

// jump moves a machine's clock.
func (n *simNode) jump(by time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.skew += by
}

// reload changes the configuration of all daemons, one shortly after the
// other, as a person would.
func (s *sim) reload() {
	s.mu.Lock()
	text := s.lacks(s.fewerHooks(s.changed(s.config)))
	s.mu.Unlock()
	s.putInForce(text)
}

// putInForce has all daemons read a configuration.
func (s *sim) putInForce(text string) {
	s.putConfig(text)
	parsed := s.parsed
	s.trouble(3 * time.Second)
	s.tell("%s", text)
	for i, l := range s.alive() {
		s.beside(func() {
			if s.sleep(time.Duration(i) * 500 * time.Millisecond) {
				l.reload(text, parsed)
			}
		})
	}
}

// heal ends all trouble: daemons live, stores and providers answer, phones are
// on, tools post.
func (s *sim) heal() {
	s.tell("ALL HEALS")
	s.mu.Lock()
	now := time.Now()
	for _, f := range s.faults {
		if f.to.After(now) {
			f.to = now
		}
	}
	s.faults = nil
	for i := range s.troubles {
		if s.troubles[i].to.After(now) {
			s.troubles[i].to = now
		}
	}
	text, parsed := s.config, s.parsed
	s.mu.Unlock()
	s.trouble(0)
	s.world.ClearFaults()
	if s.plan.dead != "" { // that does not heal
		s.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, To: s.plan.dead, Status: 400, Code: 21211})
	}
	s.stayDead()
	for _, p := range s.people {
		for _, phone := range p.phones {
			phone.SwitchOn()
		}
	}
	for _, n := range s.nodes {
		if l := n.now(); l != nil {
			l.mu.Lock()
			l.armed = nil
			l.thaw()
			stale := l.config != text
			l.mu.Unlock()
			if stale && l.ready() {
				s.beside(func() { l.reload(text, parsed) })
			}
		}
		s.beside(n.start)
	}
	for _, tool := range s.tools {
		tool.revive()
	}
}
