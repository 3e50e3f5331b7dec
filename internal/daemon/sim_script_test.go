package daemon

import (
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// event is one thing that happens to the world from outside.
type event struct {
	at   time.Duration
	what string
	do   func()
}

// simKinds are the kinds of trouble.
var simKinds = []string{
	"store away", "store fails", "store blocks", "failover", "cut off",
	"die", "die at a step", "stop and go", "restart",
	"provider refuses", "provider slow", "answer lost", "receipts", "phones",
	"clocks", "store clock", "reload", "source dies", "handover",
}

// script writes down everything that is going to happen.
func (s *sim) script() []event {
	var list []event
	add := func(at time.Duration, what string, do func()) { list = append(list, event{at, what, do}) }
	s.scriptAlerts(add)
	s.scriptPeople(add)
	s.scriptStale(add)
	s.scriptTaps(add)
	s.scriptTexts(add)
	s.scriptSide(add)
	s.scriptBetween(add)
	s.scriptFading(add)
	s.scriptTakes(add)
	s.scriptCovers(add)
	s.scriptSnoozes(add)
	s.scriptPauses(add)
	s.scriptRemarks(add)
	s.scriptEchoes(add)
	s.scriptSilences(add)
	s.scriptBeats(add)
	s.scriptHeld(add)
	s.scriptBack(add)
	s.scriptChecks(add)
	s.scriptSheets(add)
	s.scriptPoints(add)
	s.scriptTasks(add)
	for _, kind := range simKinds {
		if !s.plan.kinds[kind] {
			continue
		}
		for range 1 + s.rng.IntN(3) {
			s.scriptTrouble(kind, s.sometime(20*time.Second), add)
		}
	}
	s.scriptMails(add)
	s.scriptArchive(add)
	list = slices.DeleteFunc(list, func(e event) bool { return e.at >= s.plan.trouble })
	slices.SortStableFunc(list, func(a, b event) int { return int(a.at - b.at) })
	return list
}

// sometime is a time while things may go wrong.
func (s *sim) sometime(from time.Duration) time.Duration {
	return from + time.Duration(s.rng.Int64N(int64(s.plan.trouble-from)))
}

func (s *sim) seconds(from, to int) time.Duration {
	return time.Duration(from)*time.Second + time.Duration(s.rng.Int64N(int64(to-from)*int64(time.Second)))
}

func (s *sim) scriptAlerts(add func(time.Duration, string, func())) {
	for _, tool := range s.tools {
		for _, a := range tool.alerts {
			at := s.seconds(1, 240)
			for range 1 + s.rng.IntN(4) {
				add(at, a.name+" fires", func() { tool.set(a, true) })
				if s.rng.IntN(4) == 0 {
					add(at+s.seconds(5, 200), a.name+" gets worse", func() { tool.worsen(a) })
				}
				if s.rng.IntN(3) == 0 {
					break // it goes on
				}
				at += []time.Duration{s.seconds(1, 20), s.seconds(20, 400), s.seconds(100, 600)}[s.rng.IntN(3)]
				add(at, a.name+" is over", func() { tool.set(a, false) })
				at += []time.Duration{s.seconds(1, 20), s.seconds(20, 300)}[s.rng.IntN(2)]
			}
		}
	}
}

func (s *sim) scriptPeople(add func(time.Duration, string, func())) {
	hands := []string{"acknowledge", "acknowledge", "acknowledge", "pickup", "resolve", "undo", "escalate", "reopen", "note", "close"}
	for range 3 + s.rng.IntN(10) {
		action := hands[s.rng.IntN(len(hands))]
		switch how := s.rng.IntN(3); how {
		case 0, 1:
			by := []string{"text", "link"}[how]
			add(s.sometime(10*time.Second), "somebody answers by "+by+": "+action, func() { s.answer(action, by) })
		default:
			who := []string{"alice", "bruno", "dominique", ""}[s.rng.IntN(4)]
			add(s.sometime(10*time.Second), "by the API: "+action, func() {
				if number := s.someTicket(); number != "" {
					s.beside(func() { s.order(number, action, who) })
				}
			})
		}
	}
}

// someTicket is one of the existing tickets.
func (s *sim) someTicket() string {
	s.past.mu.Lock()
	var numbers []string
	for number, t := range s.past.tickets {
		if !t.lost && t.State != ticket.Closed {
			numbers = append(numbers, number)
		}
	}
	s.past.mu.Unlock()
	if len(numbers) == 0 {
		return ""
	}
	slices.Sort(numbers)
	return numbers[s.pick("ticket", len(numbers))]
}

func (s *sim) scriptTrouble(kind string, at time.Duration, add func(time.Duration, string, func())) {
	node := s.rng.IntN(s.plan.daemons)
	length := s.seconds(2, 60)
	switch kind {
	case "store fails", "store blocks", "failover":
		add(at+s.seconds(0, 20), "somebody answers by link meanwhile: acknowledge", func() { s.answer("acknowledge", "link") })
	}
	switch kind {
	case "store away":
		if s.rng.IntN(3) == 0 {
			length = s.seconds(200, 330) // longer than what is posted stands
		}
		add(at, fmt.Sprintf("the store is away for %s", length), func() { s.storeFault(-1, length, 1, "before") })
	case "store fails":
		how := []string{"before", "after", "slow"}[s.rng.IntN(3)]
		often := []float64{0.05, 0.2, 0.5}[s.rng.IntN(3)]
		ops := [][]string{nil, {"Commit"}, {"Commit", "Finish"}, {"Claim", "Finish", "Extend"}, {"Receipt", "Reserve"}, {"Clock"}}[s.rng.IntN(6)]
		add(at, fmt.Sprintf("store calls fail %s for %s %v", how, length, ops), func() { s.storeFault(-1, length, often, how, ops...) })
	case "store blocks":
		how := []string{"block", "late"}[s.rng.IntN(2)]
		ops := [][]string{nil, {"Commit"}, {"Finish"}, {"Claim"}, {"Extend"}}[s.rng.IntN(5)]
		add(at, fmt.Sprintf("store calls %s for %s %v", how, length, ops), func() { s.storeFault(-1, length, 1, how, ops...) })
	case "cut off":
		add(at, fmt.Sprintf("daemon %d is cut off from the store for %s", node, length), func() { s.storeFault(node, length, 1, "before") })
	case "failover":
		lost := s.seconds(1, 8)
		add(at, fmt.Sprintf("a failover loses %s", lost), func() { s.failover(lost) })
	case "store clock":
		by := s.seconds(0, 60) - 30*time.Second
		add(at, fmt.Sprintf("the store's clock jumps by %s", by), func() { s.shift(by) })
	case "clocks":
		by := s.seconds(0, 7200) - time.Hour
		add(at, fmt.Sprintf("the clock of machine %d jumps by %s", node, by), func() { s.nodes[node].jump(by) })
	case "die", "die at a step", "stop and go", "restart":
		s.scriptDaemon(kind, node, at, add)
	case "reload":
		add(at, "the configuration changes", s.reload)
	case "handover":
		s.scriptHandover(add)
	case "source dies":
		tool := s.tools[s.rng.IntN(len(s.tools))]
		add(at, tool.source+" dies", tool.die)
		if s.rng.IntN(2) == 0 {
			add(at+s.seconds(30, 400), tool.source+" is back", tool.revive)
		}
	default:
		s.scriptProvider(kind, at, length, add)
	}
}

func (s *sim) scriptDaemon(kind string, node int, at time.Duration, add func(time.Duration, string, func())) {
	n := s.nodes[node]
	back := s.seconds(1, int(simRestart/time.Second))
	pause := s.seconds(2, 45)
	steps := []string{"Commit", "Claim", "Finish", "Receipt", "Reserve", "Numbers", "Observe", "send", "Due", "Extend", "Load"}
	trap := simTrap{op: steps[s.rng.IntN(len(steps))], before: s.rng.IntN(2) == 0}
	if kind == "stop and go" {
		trap.freeze = pause
	}
	arm := func() {
		if l := n.now(); l != nil {
			l.mu.Lock()
			l.armed = &trap
			l.mu.Unlock()
		}
	}
	switch kind {
	case "die":
		add(at, fmt.Sprintf("daemon %d dies, for %s", node, back), func() {
			if l := n.now(); l != nil {
				s.trouble(back)
				l.kill("killed")
			}
		})
		add(at+back, "it is started", func() { s.beside(n.start) })
	case "restart":
		add(at, fmt.Sprintf("daemon %d is restarted", node), func() {
			s.trouble(20 * time.Second)
			s.beside(func() { n.stop("for a restart"); n.start() })
		})
	case "stop and go":
		if s.rng.IntN(2) == 0 {
			add(at, fmt.Sprintf("daemon %d is stopped for %s", node, pause), func() {
				if l := n.now(); l != nil {
					s.trouble(pause)
					l.freeze(pause)
				}
			})
			return
		}
		add(at, fmt.Sprintf("daemon %d will stop for %s at %s", node, pause, trap.op), arm)
	default:
		add(at, fmt.Sprintf("daemon %d will die at %s, before=%v", node, trap.op, trap.before), arm)
	}
}

func (s *sim) scriptProvider(kind string, at, length time.Duration, add func(time.Duration, string, func())) {
	to := []string{"", "+33612345601", "+33612345604", s.pushTo("alice")}[s.rng.IntN(4)]
	f := phonetest.Fault{To: to, Times: 1 + s.rng.IntN(6)}
	switch kind {
	case "provider refuses":
		switch s.rng.IntN(6) {
		case 0:
			f.Status = 503
		case 1:
			f.Code, f.Status, f.RetryAfter = 20429, 429, s.seconds(1, 20)
		case 2:
			f.Code, f.Status = 21610, 400
		case 3:
			f.Kind, f.FCM = phonetest.Push, "UNREGISTERED"
		case 4:
			f.Code, f.Status = 21211, 400
		default:
			f.Kind, f.FCM = phonetest.Push, "QUOTA_EXCEEDED"
		}
	case "provider slow":
		f.Latency = s.seconds(1, 25)
	case "answer lost":
		f.Cut, f.Taken = s.rng.IntN(2) == 0, s.rng.IntN(3) > 0
		f.Hang = !f.Cut
	case "receipts":
		switch s.rng.IntN(5) {
		case 0:
			f.Receipts = phonetest.Twice
		case 1:
			f.Receipts = phonetest.OutOfOrder
		case 2:
			f.Receipts = phonetest.Withheld
		default:
			f.Receipt = []string{"undelivered", "failed"}[s.rng.IntN(2)]
			f.ReceiptCode = []int{30003, 30005, 30007, 30008}[s.rng.IntN(4)]
			if s.rng.IntN(2) == 0 {
				f.Receipts = phonetest.Twice
			}
		}
	case "phones":
		p := s.people[s.rng.IntN(4)]
		if s.rng.IntN(3) == 0 && p.device {
			add(at, p.key+"'s app is gone", func() { s.loses(p); s.trouble(length) })
			return
		}
		add(at, p.key+"'s phone is off", func() { p.phones[0].SwitchOff(); s.trouble(length + time.Minute) })
		add(at+length, p.key+"'s phone is on", func() { p.phones[0].SwitchOn() })
		return
	}
	f = s.pushFault(f)
	add(at, fmt.Sprintf("%s for %s: %+v", kind, length, f), func() {
		s.trouble(s.plan.trouble) // until it is met so often
		s.world.SetFault(f)
	})
}
