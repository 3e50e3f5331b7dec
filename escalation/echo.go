package escalation

import (
	"context"
	"errors"
	"fmt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// An echo is what this installation wrote into a tool, told by the tool. It says that the
// alert fires, as every message of a tool does, and that is no news: the ticket that it
// names has the alert, or had it and is over. Unless the store lost that ticket. Then the
// tool is quiet because of an acknowledgement that nobody here knows of, so what it says
// counts, and pages.

// readEchoes has the echoes among the observations say nothing of their alerts, but for
// those whose tickets are lost.
func (b *batch) readEchoes(ctx context.Context, observations []Observation) error {
	of := map[int]string{} // the numbers that echoes name, by place
	var fingerprints, numbers []string
	for i := range observations {
		a := &observations[i].Alert
		number, ours := b.rules.Mark.Echo(a.Remark)
		switch {
		case !ours || a.Status == ticket.Unsaid:
		case !b.e.effects || a.Status != ticket.Firing: // this store knows nothing of the tickets that tools are told of
			a.Status = ticket.Unsaid
		default:
			of[i] = number
			fingerprints, numbers = append(fingerprints, a.Fingerprint), append(numbers, number)
		}
	}
	if len(of) == 0 {
		return nil
	}
	list, err := b.e.store.Alerts(ctx, b.source, fingerprints)
	if err != nil {
		return fmt.Errorf("escalation: alerts with echoes: %w", err)
	}
	known := map[string]*ticket.AlertRecord{}
	for i := range list {
		known[list[i].Fingerprint] = &list[i]
		numbers = append(numbers, list[i].Ticket)
	}
	if err := b.load(ctx, numbers); err != nil {
		return err
	}
	gone := map[string]bool{} // by number: a storm of echoes names few tickets, and each is asked for once
	for i, number := range of {
		lost, err := b.lost(ctx, number, known[observations[i].Alert.Fingerprint], gone)
		if err != nil {
			return err
		}
		if !lost {
			observations[i].Alert.Status = ticket.Unsaid
		}
	}
	return nil
}

// lost says whether the store lost the ticket of that number: it has none, or gave the
// number to another one since. r is what is known of the alert whose echo names it, nil:
// nothing. gone is what was found out of others. An alert that is paged for, or was acknowledged, in another ticket by now is
// not lost.
func (b *batch) lost(ctx context.Context, number string, r *ticket.AlertRecord, gone map[string]bool) (bool, error) {
	var has *work
	if r != nil {
		has = b.tickets[r.Ticket]
	}
	if has != nil && r.Status != ticket.Resolved && has.Ticket.State.Active() {
		return false, nil
	}
	if named := b.tickets[number]; named != nil {
		if has == nil { // alerts of closed tickets are forgotten
			return named.Ticket.State != ticket.Closed, nil
		}
		return has.Ticket.OpenedAt.Before(named.Ticket.OpenedAt), nil
	}
	if is, asked := gone[number]; asked {
		return is, nil
	}
	_, err := b.e.store.Locate(ctx, number)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, fmt.Errorf("escalation: the ticket %s that an echo names: %w", number, err)
	}
	gone[number] = err != nil
	return err != nil, nil // else of another source, which the same tool calls
}
