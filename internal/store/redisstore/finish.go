package redisstore

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// providerDays is how long a provider's id is kept for receipts.
const providerDays = 30

// Finish implements paging.Store: one round trip, one script for each source.
// If a part fails, the answer still says what was applied.
func (s *Store) Finish(ctx context.Context, outcomes []paging.Outcome) ([]bool, error) {
	applied := make([]bool, len(outcomes))
	args := map[string][]any{}
	places := map[string][]int{}
	var cmds []redis.Cmder
	for i := range outcomes {
		o := &outcomes[i]
		entry, err := encodeEntry(o.Entry)
		if err != nil {
			return applied, failed(err, "finish page %s", o.Key)
		}
		carries := ""
		if len(o.Carries) > 0 {
			if carries, err = encode(o.Carries); err != nil {
				return applied, failed(err, "finish page %s", o.Key)
			}
		}
		retry := ""
		if o.State == ticket.PageQueued {
			retry = stamp(o.RetryAt)
		}
		args[o.Source] = append(args[o.Source], o.Key.String(), o.Token, string(o.State), retry, stamp(o.At),
			o.ProviderID, o.Address, o.Error, entry, o.Unclear, o.Untried, carries, o.Provider)
		places[o.Source] = append(places[o.Source], i)
		if o.ProviderID != "" {
			name, err := encode([2]string{o.Source, o.Key.String()})
			if err != nil {
				return applied, failed(err, "finish page %s", o.Key)
			}
			cmds = append(cmds, s.scripts.put.on(ctx, providerKey(o.ProviderID), name, providerDays*24*60*60))
		}
	}
	calls := map[string]*call{}
	for source, a := range args {
		calls[source] = s.scripts.finish.on(ctx, sourceKey(source), a...)
		cmds = append(cmds, calls[source])
	}
	err := s.run(ctx, cmds...)
	for source, c := range calls {
		r := c.reply()
		for _, i := range places[source] {
			applied[i] = r.number() == 1
		}
		if err == nil {
			err = r.err
		}
	}
	if err != nil {
		return applied, failed(err, "finish %d pages", len(outcomes))
	}
	return applied, nil
}

// encodeEntry encodes an entry of a timeline for a script; empty for none.
func encodeEntry(e *ticket.Entry) (string, error) {
	if e == nil {
		return "", nil
	}
	return encode(e)
}

// Receipt implements paging.Store: one script. If the page has to be found by
// the provider's id, a look-up comes first.
func (s *Store) Receipt(ctx context.Context, r paging.Receipt) (page ticket.Page, changed bool, err error) {
	source, key := r.Source, r.Key.String()
	if r.Key == (ticket.PageKey{}) {
		if key, source, err = s.provided(ctx, r.ProviderID); err != nil {
			return page, false, failed(err, "receipt of %s", r.ProviderID)
		}
	}
	entry, err := encodeEntry(r.Entry)
	if err != nil {
		return page, false, failed(err, "receipt of page %s", key)
	}
	var h paging.Hold
	if r.Hold != nil {
		h = *r.Hold
	}
	c := s.scripts.receipt.on(ctx, sourceKey(source), key, string(r.State), before(r.State), stamp(r.At), r.Error, entry,
		h.Owner, stamp(h.Until), h.Token)
	if err := s.run(ctx, c); err != nil {
		return page, false, failed(err, "receipt of page %s", key)
	}
	if c.Val() == nil {
		return page, false, failed(escalation.ErrNotFound, "receipt of page %s", key)
	}
	answer := c.reply()
	changed = answer.number() == 1
	page, ok := s.pageOf(source, key, answer.fields())
	if answer.err != nil {
		return ticket.Page{}, false, failed(answer.err, "receipt of page %s", key)
	}
	if !ok {
		return ticket.Page{}, false, failed(escalation.ErrNotFound, "receipt of page %s", key)
	}
	return page, changed, nil
}

var errNoPage = errors.New("it names no page")

// provided finds the page that a provider's id stands for.
func (s *Store) provided(ctx context.Context, id string) (key, source string, err error) {
	get := redis.NewStringCmd(ctx, "get", providerKey(id))
	if err := s.run(ctx, get); err != nil {
		return "", "", err
	}
	if get.Val() == "" {
		return "", "", escalation.ErrNotFound
	}
	name, err := decode[[2]string](get.Val())
	if err == nil && name[1] == "" {
		err = errNoPage
	}
	if err != nil {
		s.Note(ticket.RecordIndex, "provider's id "+id, err)
		return "", "", escalation.ErrNotFound
	}
	return name[1], name[0], nil
}

// before lists the states that a receipt of this state may follow. Script
// receipt looks up the page's state in it. So the rule itself stays in
// PageState.Later.
func before(next ticket.PageState) string {
	list := " "
	for _, s := range []ticket.PageState{
		ticket.PageQueued, ticket.PageSending, ticket.PageSent, ticket.PageDelivered, ticket.PageUndelivered,
		ticket.PageFailed, ticket.PageUnknown, ticket.PageBundled, ticket.PageCancelled,
	} {
		if s.Later(next) {
			list += string(s) + " "
		}
	}
	return list
}
