package escalation

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// observe folds one alert of a request.
func (b *batch) observe(j *job, o *Observation, item *ObservedAlert) {
	j.ordered.Accepted++
	if o.Alert.Status == ticket.Unsaid {
		reached := Unknown
		if b.remark(j, o) {
			reached = Changed
		}
		b.e.metrics.alert(b.source, reached)
		return
	}
	verdict, stood := item.Verdict, b.alerts[o.Alert.Fingerprint]
	if stood != nil {
		if stood.work == nil { // read for its silence
			stood.work = b.tickets[stood.record.Ticket]
		}
		verdict = stood.verdict(o)
	}
	if verdict == Changed && b.ofAnEarlier(stood, o, item) {
		verdict = Unknown
	}
	b.e.metrics.alert(b.source, verdict)
	switch verdict {
	case Unknown:
		b.remark(j, o)
	case Repeat:
		if stood != nil {
			if stood.index >= 0 || o.Alert.Remark == nil { // else it was read after the store had counted it
				stood.heard(o)
			}
			b.touch(j, stood.work)
			b.remark(j, o)
			return
		}
		b.repeated(j, item.Ticket)
	case Changed:
		if stood == nil {
			stood = &standing{record: *item.Alert, work: b.tickets[item.Ticket], index: -1}
			b.alerts[o.Alert.Fingerprint] = stood
		}
		b.changedAlert(j, o, stood)
	case New:
		b.place(j, o, &standing{index: -1}, b.groupOf(o.GroupKey, item.Ticket), "")
	}
}

// ofAnEarlier reports whether an observation ends an earlier occurrence than
// the known one, or is late to say that one fires. The known one stays as it is.
func (b *batch) ofAnEarlier(stood *standing, o *Observation, item *ObservedAlert) bool {
	switch {
	case stood != nil:
		return stood.record.Outlives(&o.Alert) || stood.record.Late(&o.Alert)
	case item.Alert != nil:
		return item.Alert.Outlives(&o.Alert) || item.Alert.Late(&o.Alert)
	}
	return false
}

func (b *batch) repeated(j *job, number string) {
	for _, known := range j.ordered.Tickets {
		if known == number {
			return
		}
	}
	j.ordered.Tickets = append(j.ordered.Tickets, number)
}

// verdict judges as the store does, in the middle of a batch.
func (s *standing) verdict(o *Observation) Verdict {
	firing, fires := s.record.Status == ticket.Firing, o.Alert.Status == ticket.Firing
	switch {
	case !fires && s.record.Status == ticket.Resolved:
		return Unknown
	case fires && firing && o.Urgency <= s.record.Urgency && !o.Alert.StartsAt.After(s.record.StartsAt) &&
		s.work != nil && s.work.Ticket.State.Active():
		return Repeat
	}
	return Changed
}

func (s *standing) heard(o *Observation) {
	s.record.Count++
	s.record.LastAt = o.At
	s.record.SilentAt = o.Alert.SilentAt
	if s.index >= 0 {
		s.work.Alerts[s.index].Record = s.record
	}
}

// changedAlert moves a known alert. If its own ticket is over for good, an
// alert that fires again belongs to another ticket from now on.
func (b *batch) changedAlert(j *job, o *Observation, s *standing) {
	if s.work == nil {
		return // its ticket is gone: the store would have said New
	}
	fires := o.Alert.Status == ticket.Firing
	if fires && (s.work.Ticket.State == ticket.Closed || s.record.Status == ticket.Resolved && !Joins(&s.work.Ticket, b.now)) {
		was := s.work.Ticket.Number
		b.place(j, o, s, b.groupOf(o.GroupKey, was), was)
		return
	}
	from, began := s.record.Status, s.record.StartsAt
	s.record.Status = o.Alert.Status
	s.record.LastAt, s.record.SilentAt = o.At, time.Time{}
	s.record.EndsAt = o.Alert.EndsAt
	if fires {
		s.record.Alert = o.Alert
		if from == ticket.Firing && began.After(o.Alert.StartsAt) { // another sender saw it begin earlier
			s.record.StartsAt = began
		}
		s.record.Urgency = max(s.record.Urgency, o.Urgency)
		s.record.Count++
		if from == ticket.Resolved {
			s.record.Urgency = o.Urgency
		}
	}
	was := s.work.Ticket.Number
	moved := AlertMoved{Alert: o.Alert.Fingerprint, Mute: b.mute(o), From: from, To: s.record.Status, Urgency: s.record.Urgency, Title: s.record.Title(), Source: b.source, Remark: o.Alert.Remark}
	if fires && s.work.Ticket.Overflow != "" {
		routed := b.rules.Resolve(&o.Alert)
		moved.Routed = &routed
	}
	b.store(s, was)
	_ = b.step(j, s.work, moved) // alerts are never refused
}

// place puts an alert into the group's ticket, and opens that ticket if there
// is none. The alert is new, or fires again too late to reopen its own ticket.
func (b *batch) place(j *job, o *Observation, s *standing, w *work, was string) {
	s.record = ticket.AlertRecord{Alert: o.Alert, Urgency: o.Urgency, FirstAt: o.At, LastAt: o.At, Count: 1}
	moved := AlertMoved{Alert: o.Alert.Fingerprint, Mute: b.mute(o), To: ticket.Firing, Urgency: o.Urgency, Title: o.Alert.Title(), Host: o.Alert.Host(), Source: b.source, Remark: o.Alert.Remark}
	if w.Ticket.OpenedAt.IsZero() {
		routed := b.rules.Resolve(&o.Alert)
		if over := b.over(); over != "" {
			w = b.overflow(over, routed, &moved)
		} else {
			w.Ticket = Opening(b.source, ticket.Incident, o.Alert.Title(), routed, b.now, b.rules)
			w.Most = b.bound.most
			b.opened = append(b.opened, w)
			b.bound.opened++
		}
	}
	if was == "" && b.full() {
		b.e.metrics.beyond(b.source)
		b.pass(j, w, moved)
		return
	}
	if was == "" {
		b.bound.room--
	}
	s.work, s.index = w, -1
	b.alerts[o.Alert.Fingerprint] = s
	b.store(s, was)
	_ = b.step(j, w, moved) // alerts are never refused
}

// mute is the silence that holds back an alert that fires.
func (b *batch) mute(o *Observation) ticket.Mute {
	if o.Alert.Status != ticket.Firing {
		return ticket.Mute{}
	}
	return b.rules.Mute(&o.Alert, b.now)
}

// store commits the alert's record with its ticket.
func (b *batch) store(s *standing, was string) {
	w := s.work
	w.changed = true
	s.record.Remark = nil
	if b.bound.thin {
		s.record.Thin()
	}
	if s.index >= 0 {
		w.Alerts[s.index].Record = s.record
		return
	}
	s.index = len(w.Alerts)
	w.Alerts = append(w.Alerts, AlertChange{Record: s.record, Was: was})
}

// storeUnheard does so too, unless somebody hears of the alert meanwhile.
func (b *batch) storeUnheard(s *standing) {
	read := s.index < 0
	b.store(s, s.record.Ticket)
	if read {
		s.work.Alerts[s.index].Heard = s.record.LastAt
	}
}

// silence marks an alert that was not heard of in time. If we could not hear
// it, it gets its whole time again, from when it could be heard.
func (b *batch) silence(j *job) {
	s := b.alerts[j.silent]
	if s == nil || s.record.Status != ticket.Firing || s.record.SilentAt.IsZero() || s.record.SilentAt.After(b.now) {
		return
	}
	if s.work == nil {
		s.work = b.tickets[s.record.Ticket]
	}
	if s.work == nil {
		return
	}
	heard := time.Unix(0, b.e.heard.Load())
	within := s.record.SilentAt.Sub(s.record.LastAt)
	if s.record.SilentFor > 0 {
		within = s.record.SilentFor
	}
	if earliest := heard.Add(within); s.record.LastAt.Before(heard) && earliest.After(b.now) {
		s.record.SilentAt, s.record.SilentFor = earliest, within
		b.storeUnheard(s)
		b.touch(j, s.work)
		return
	}
	s.record.Status, s.record.SilentAt = ticket.Silent, time.Time{}
	b.storeUnheard(s)
	_ = b.step(j, s.work, AlertMoved{ // alerts are never refused
		Alert: s.record.Fingerprint, From: ticket.Firing, To: ticket.Silent, Urgency: s.record.Urgency, Title: s.record.Title(), Source: b.source,
	})
}

// openByHand opens a ticket that a person asks for.
func (b *batch) openByHand(j *job) {
	d := j.draft
	labels := map[string]string{}
	for name, value := range map[string]string{
		LabelCustomer: d.Customer, LabelSite: d.Site, LabelUrgency: d.Urgency.String(),
	} {
		if value != "" {
			labels[name] = value
		}
	}
	routed := b.rules.Resolve(&ticket.Alert{Source: b.source, Labels: labels, Annotations: map[string]string{"summary": d.Title}})
	if policy, ok := b.rules.Policies[d.Policy]; ok {
		routed.Policy = policy
	}
	if d.Quiet || d.Managers {
		routed.Policy.Steps = nil
	}
	routed.Group, routed.GroupKey = nil, "" // it is a group by itself
	w := &work{Change: Change{Ticket: Opening(b.source, d.Kind, d.Title, routed, b.now, b.rules)}}
	if d.Sheet != nil {
		w.sheet = &sheet{of: d.Sheet, changed: true}
	}
	b.opened = append(b.opened, w)
	_ = b.step(j, w, Opened{Actor: d.Actor, Via: d.Via, Said: d.Said, Managers: d.Managers}) // an opening is never refused
}
