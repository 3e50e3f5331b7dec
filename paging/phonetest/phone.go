package phonetest

import "slices"

// Phone is one person's phone. It has a number that takes SMS. Once it has
// registered a token, it is also a device that takes pushes.
type Phone struct {
	world  *World
	name   string
	number string

	// The World's lock guards these.
	off     bool
	tokens  []string
	inbox   []*record // in order of arrival
	waiting []*record // accepted while the phone was off
	sent    []Message
}

// Name returns the name of the phone's person.
func (p *Phone) Name() string { return p.name }

// Number returns the phone's number, E.164.
func (p *Phone) Number() string { return p.number }

// Messages returns what has arrived on the phone, in order of arrival.
func (p *Phone) Messages() []Message {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return messages(p.inbox)
}

// Sent returns the texts that the phone sent, in order.
func (p *Phone) Sent() []Message {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return slices.Clone(p.sent)
}

// Register gives the phone that push token. The phone that had the token
// before loses it.
func (p *Phone) Register(token string) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	p.world.dropToken(token)
	p.world.byToken[token] = p
	p.tokens = append(p.tokens, token)
	p.world.changed()
}

// Unregister ends a token, as uninstalling an app does. From now on the
// provider answers UNREGISTERED.
func (p *Phone) Unregister(token string) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	if p.world.byToken[token] == p {
		p.world.dropToken(token)
		p.world.changed()
	}
}

// Tokens returns the phone's push tokens, oldest first.
func (p *Phone) Tokens() []string {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return slices.Clone(p.tokens)
}

// dropToken takes a token from the phone that has it. The caller holds the
// lock.
func (w *World) dropToken(token string) {
	p := w.byToken[token]
	if p == nil {
		return
	}
	delete(w.byToken, token)
	p.tokens = slices.DeleteFunc(p.tokens, func(t string) bool { return t == token })
}

// On says whether the phone is switched on.
func (p *Phone) On() bool {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	return !p.off
}

// SwitchOff makes the phone unreachable. An SMS stays sent; when the carrier
// gives up, it ends as undelivered with 30003. A push waits.
func (p *Phone) SwitchOff() {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	p.off = true
	p.world.changed()
}

// SwitchOn makes the phone reachable again. What waited for it arrives.
func (p *Phone) SwitchOn() {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	p.off = false
	for _, rec := range p.waiting {
		if !rec.expired(p.world.opt.Now()) {
			p.put(rec)
		}
	}
	p.waiting = nil
	p.world.changed()
}

// put puts a message on the phone. The caller holds the lock.
func (p *Phone) put(rec *record) {
	rec.At = p.world.opt.Now()
	if rec.Kind == Push {
		rec.Status = "delivered"
	}
	p.inbox = append(p.inbox, rec)
	close(rec.reached)
	p.world.shown(rec)
}

// arrive brings a message to its phone, or has it wait for the phone.
func (w *World) arrive(rec *record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := rec.phone
	switch {
	case p == nil:
		return
	case p.off:
		p.replace(rec)
		p.waiting = append(p.waiting, rec)
	default:
		p.put(rec)
	}
	w.changed()
}

// abandon ends the wait for a phone that is off. It returns false if the
// message arrived meanwhile.
func (w *World) abandon(rec *record) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := rec.phone
	n := len(p.waiting)
	p.waiting = slices.DeleteFunc(p.waiting, func(r *record) bool { return r == rec })
	return len(p.waiting) < n
}
