package boltstore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// draft is a change made ready outside the writer: everything that does not
// depend on what is stored. It shares nothing with the change, because the
// change's owner may have stopped waiting by the time the writer comes to it.
type draft struct {
	source   string
	number   string
	revision int64 // of the change
	take     bool
	groupWas string
	most     escalation.Crowd

	head    ticketHead // without revision and took
	body    []byte
	alerts  []alertDraft
	entries [][]byte
	pages   []pageDraft
	records []records.Write
	reserve []ticket.Reservation
	codes   []int // of reserve, set by the writer
}

type alertDraft struct {
	was   string
	heard int64 // the lastAt that the change rests on; 0: it rests on none
	head  alertHead
	value []byte
}

type pageDraft struct {
	key  []byte
	rec  *pageRecord
	body []byte
}

func newDraft(source string, c *escalation.Change) (d draft, err error) {
	t := &c.Ticket
	d = draft{source: source, number: t.Number, revision: c.Revision, take: c.TakeGroup, groupWas: c.GroupWas, most: c.Most}
	if t.Number == "" || strings.ContainsRune(t.Number, 0) {
		return d, fmt.Errorf("%q is no ticket number", t.Number)
	}
	st, err1 := stateOf(t.State)
	u, err2 := urgencyOf(t.Urgency)
	if err := errors.Join(err1, err2); err != nil {
		return d, err
	}
	d.head = ticketHead{
		deadline: stamp(t.NextDeadline()), opened: stamp(t.OpenedAt), episode: int64(t.Progress.Episode),
		state: st, urgency: u, source: source, group: t.GroupKey,
	}
	if d.body, err = json.Marshal(t); err != nil {
		return d, err
	}
	if len(c.Records) > 0 {
		d.records = slices.Clone(c.Records)
		for i := range d.records {
			d.records[i].Value = bytes.Clone(d.records[i].Value)
		}
		err = records.Check(source, d.records)
	}
	return d, errors.Join(err, d.addAlerts(c.Alerts), d.addEntries(c.Timeline), d.addPages(c))
}

func (d *draft) addAlerts(changes []escalation.AlertChange) error {
	d.alerts = make([]alertDraft, len(changes))
	for i := range changes {
		rec := changes[i].Record
		rec.Ticket = d.number
		st, err1 := statusOf(rec.Status)
		u, err2 := urgencyOf(rec.Urgency)
		body, err3 := json.Marshal(&rec)
		if err := errors.Join(err1, err2, err3); err != nil {
			return fmt.Errorf("alert %q: %w", rec.Fingerprint, err)
		}
		h := alertHead{
			status: st, urgency: u, sender: rec.SenderGroup, fingerprint: rec.Fingerprint, began: stamp(rec.StartsAt),
			heard: heard{count: rec.Count, lastAt: stamp(rec.LastAt), silentAt: stamp(rec.SilentAt)},
		}
		value := h.append(make([]byte, 0, 40+len(h.sender)+len(body)))
		d.alerts[i] = alertDraft{was: changes[i].Was, heard: stamp(changes[i].Heard), head: h, value: append(value, body...)}
	}
	return nil
}

func (d *draft) addEntries(entries []ticket.Entry) (err error) {
	d.entries = make([][]byte, len(entries))
	for i := range entries {
		if d.entries[i], err = json.Marshal(&entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) addPages(c *escalation.Change) (err error) {
	d.pages = make([]pageDraft, len(c.Pages))
	for i := range c.Pages {
		rec := &pageRecord{Page: c.Pages[i]}
		if rec.Ticket != d.number {
			return fmt.Errorf("page %s is of another ticket", rec.String())
		}
		if _, err := urgencyOf(rec.Urgency); err != nil {
			return err
		}
		rec.Source, rec.State = d.source, cmp.Or(rec.State, ticket.PageQueued)
		if by := c.Claimed; by != nil {
			rec.State, rec.Attempts = ticket.PageSending, 1
			rec.Owner, rec.Until, rec.Token = by.Owner, by.Until, by.Token
		}
		p := pageDraft{key: pageKey(rec.PageKey), rec: rec}
		if p.body, err = json.Marshal(rec); err != nil {
			return err
		}
		d.pages[i] = p
	}
	if c.Claimed != nil {
		d.reserve = slices.Clone(c.Claimed.Reserve)
	}
	return nil
}
