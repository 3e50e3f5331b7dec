package escalation

import "github.com/astreinte/astreinte/internal/ticket"

// remarked says whether an alert's sender says something besides.
func remarked(a ticket.Alert) bool { return a.Remark != nil }

// remarkedOf are the alerts that have remarks: a remark is also made on an alert that
// repeats, or that is over, whose ticket Observe does not read.
func remarkedOf(jobs []*job) (fingerprints []string) {
	for _, j := range jobs {
		for i := range j.alerts {
			if a := &j.alerts[i]; remarked(*a) {
				fingerprints = append(fingerprints, a.Fingerprint)
			}
		}
	}
	return fingerprints
}

// remark brings a remark to the ticket of its alert. It is false if the alert
// is unknown: then there is nothing to do. The alert counts as heard of, so that the same
// request, brought again from the spool, says nothing new.
func (b *batch) remark(j *job, o *Observation) bool {
	s := b.alerts[o.Alert.Fingerprint]
	if s == nil || o.Alert.Remark == nil {
		return false
	}
	if s.work == nil {
		s.work = b.tickets[s.record.Ticket]
	}
	if s.work == nil || s.work.Ticket.State == ticket.Closed {
		return false
	}
	s.record.LastAt = o.At
	b.store(s, s.work.Ticket.Number)
	_ = b.step(j, s.work, Remarked{Remark: *o.Alert.Remark, Source: b.source}) // a remark is never refused
	return true
}
