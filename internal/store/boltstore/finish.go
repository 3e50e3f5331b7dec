package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Finish records outcomes, all in one transaction.
func (s *Store) Finish(ctx context.Context, outcomes []paging.Outcome) ([]bool, error) {
	applied := make([]bool, len(outcomes))
	endings := make([]ending, len(outcomes))
	for i := range outcomes {
		entry, err := encodeEntry(outcomes[i].Entry)
		if err != nil {
			return nil, fmt.Errorf("boltstore: record the outcome of page %s: %w", outcomes[i].Key, err)
		}
		endings[i] = ending{outcomes[i], entry}
	}
	err := s.write(ctx, len(outcomes), func(b *batch) (err error) {
		for i := range endings {
			if applied[i], err = b.finish(&endings[i]); err != nil {
				return fmt.Errorf("page %s: %w", endings[i].Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: record %d outcomes: %w", len(outcomes), err)
	}
	return applied, nil
}

// ending is an outcome with its entry encoded.
type ending struct {
	paging.Outcome
	entry [][]byte
}

// encodeEntry encodes an entry for the writer. It returns none if there is
// none.
func encodeEntry(e *ticket.Entry) ([][]byte, error) {
	if e == nil {
		return nil, nil
	}
	body, err := json.Marshal(e)
	return [][]byte{body}, err
}

func (b *batch) finish(o *ending) (applied bool, err error) {
	key := pageKey(o.Key)
	rec, err := b.page(key)
	if err != nil || rec == nil || rec.Source != o.Source {
		return false, nil //nolint:nilerr // a page that cannot be read is sent again
	}
	if o.ProviderID != "" && o.ProviderID != rec.ProviderID {
		if err := b.put(inProviders, []byte(short(o.ProviderID)), key); err != nil {
			return false, err
		}
	}
	if rec.Token == 0 || rec.Token != o.Token {
		return false, nil
	}
	rec.conclude(&o.Outcome)
	b.touch(rec.Source, rec.Ticket)
	if err := b.tell(rec, o.entry); err != nil {
		return false, err
	}
	return true, b.putPage(string(key), rec)
}

// conclude ends a claim. What a receipt said in the meantime stands. A
// cancellation stands too, unless something was sent all the same.
func (rec *pageRecord) conclude(o *paging.Outcome) {
	rec.release()
	rec.Address = o.Address
	rec.Unclear = rec.Unclear || o.Unclear
	if o.Untried {
		rec.Attempts--
	}
	if len(o.Carries) > 0 {
		rec.Carries = o.Carries
	}
	if o.ProviderID != "" {
		rec.ProviderID = o.ProviderID
	}
	if o.Provider != "" {
		rec.Provider = o.Provider
	}
	if o.State == ticket.PageSent {
		rec.SentAt = o.At
	}
	if rec.State != ticket.PageSending && (rec.State != ticket.PageCancelled || o.State == ticket.PageQueued) {
		return
	}
	rec.State, rec.Error = o.State, o.Error
	if o.State == ticket.PageQueued {
		rec.RetryAt = o.RetryAt
	}
}

// tell appends to the timeline of a page's ticket, unless the page is quiet.
func (b *batch) tell(rec *pageRecord, entry [][]byte) error {
	if rec.Quiet {
		return nil
	}
	return b.putEntries(rec.Ticket, entry)
}

// release ends a claim.
func (rec *pageRecord) release() {
	rec.Owner, rec.Until, rec.Token, rec.Held = "", time.Time{}, 0, false
}

// hold claims a page that nobody has claimed.
func (b *batch) hold(key []byte, rec *pageRecord, h *paging.Hold) error {
	if h == nil || rec.Token != 0 {
		return nil
	}
	rec.Owner, rec.Until, rec.Token, rec.Held = h.Owner, h.Until, h.Token, true
	return b.put(inQueue, sequenceKey(rec.sequence), key)
}

// Receipt records what a provider said of a page.
func (s *Store) Receipt(ctx context.Context, r paging.Receipt) (page ticket.Page, changed bool, err error) {
	var word struct {
		page           ticket.Page
		found, changed bool
	}
	entry, err := encodeEntry(r.Entry)
	if err == nil {
		err = s.write(ctx, 1, func(b *batch) (err error) {
			word.page, word.found, word.changed, err = b.receipt(&r, entry)
			return err
		})
	}
	if err == nil && !word.found {
		err = escalation.ErrNotFound
	}
	if err != nil {
		return ticket.Page{}, false, fmt.Errorf("boltstore: record a receipt of %s%s: %w", r.ProviderID, keyText(r.Key), err)
	}
	return word.page, word.changed, nil
}

func keyText(k ticket.PageKey) string {
	if k == (ticket.PageKey{}) {
		return ""
	}
	return " page " + k.String()
}

func (b *batch) receipt(r *paging.Receipt, entry [][]byte) (page ticket.Page, found, changed bool, err error) {
	byID := r.Key == (ticket.PageKey{})
	key := pageKey(r.Key)
	if byID {
		key = nil
		if r.ProviderID != "" {
			key = bytes.Clone(b.in(inProviders).Get([]byte(short(r.ProviderID))))
		}
	}
	if len(key) == 0 {
		return page, false, false, nil
	}
	rec, err := b.page(key)
	if err != nil || rec == nil || (!byID && rec.Source != r.Source) {
		return page, false, false, nil //nolint:nilerr // one that cannot be read is as good as gone
	}
	if !rec.State.Later(r.State) {
		return rec.Page, true, false, nil
	}
	rec.State, rec.ReceiptAt = r.State, r.At
	b.touch(rec.Source, rec.Ticket)
	if r.Error != "" {
		rec.Error = r.Error
	}
	if err := errors.Join(b.hold(key, rec, r.Hold), b.tell(rec, entry)); err != nil {
		return page, false, false, err
	}
	return rec.Page, true, true, b.putPage(string(key), rec)
}
