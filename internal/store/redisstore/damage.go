package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A record that cannot be read stops nothing but itself. It is noted
// (escalation.Damages), and the others go on. The store uses what the fields
// beside its JSON, or its key, still say: a page goes out, an alert keeps its
// ticket. A ticket is given up (script damage), so that its alerts open
// another ticket when they are heard of again. The scripts set a key of the
// wrong type aside (script records).

// reads are the commands that change nothing. If a key has the wrong type,
// they read nothing from it.
var reads = map[string]bool{
	"get": true, "getex": true, "hget": true, "hmget": true, "hgetall": true, "smembers": true,
	"zrange": true, "lrange": true, "zcard": true,
}

// passOver makes a command that met a key of the wrong type one that read
// nothing. It reports whether it did so.
func (s *Store) passOver(cmd redis.Cmder) bool {
	args := cmd.Args()
	if !redis.HasErrorPrefix(cmd.Err(), "WRONGTYPE") || len(args) < 2 || !reads[cmd.Name()] {
		return false
	}
	key := fmt.Sprint(args[1])
	s.Note(kindOfKey(key), key, cmd.Err())
	cmd.SetErr(redis.Nil)
	return true
}

// kindOfKey says what a key holds.
func kindOfKey(key string) ticket.RecordKind {
	_, rest, _ := strings.Cut(key, "}:")
	part, _, _ := strings.Cut(rest, ":")
	switch {
	case strings.HasPrefix(key, root+"link:"):
		return ticket.RecordLink
	case strings.HasPrefix(key, root+"phone:"):
		return ticket.RecordCode
	case part == "r":
		return ticket.RecordOther
	}
	if kind, ok := map[string]ticket.RecordKind{
		"t": ticket.RecordTicket, "tl": ticket.RecordEntry, "a": ticket.RecordAlert, "p": ticket.RecordPage,
	}[part]; ok {
		return kind
	}
	return ticket.RecordIndex
}

// setAside notes the keys of a source that scripts set aside.
func (s *Store) setAside(keys []string) {
	for _, key := range keys {
		s.Note(kindOfKey(key), key, errAside)
	}
}

var errAside = errors.New("its key was of another type, and was renamed: :damaged follows its name now")

// ticketOf reads a ticket's JSON. If it cannot be read, that is noted.
func (s *Store) ticketOf(number, text string) (t ticket.Ticket, err error) {
	if t, err = decode[ticket.Ticket](text); err == nil {
		err = t.Sound(number)
	}
	if err != nil {
		s.Note(ticket.RecordTicket, number, err)
		return ticket.Ticket{}, fmt.Errorf("ticket %s: %w", number, escalation.ErrDamaged)
	}
	return t, nil
}

// abandon gives tickets up. damaged maps each number to the JSON that could
// not be read.
func (s *Store) abandon(ctx context.Context, source string, damaged map[string]string) error {
	cmds := make([]redis.Cmder, 0, len(damaged))
	for number, text := range damaged {
		cmds = append(cmds, s.scripts.damage.on(ctx, sourceKey(source), number, text))
	}
	if len(cmds) == 0 {
		return nil
	}
	return s.run(ctx, cmds...)
}

// alertOf puts an alert together: as it was committed, with what was counted
// since. If it cannot be read, alertOf uses its fields, and the labels that it
// is said to have now. It is false if the fields do not even name its ticket.
func (s *Store) alertOf(fingerprint string, fields map[string]string, said *ticket.Alert) (record ticket.AlertRecord, ok bool) {
	record, err := decode[ticket.AlertRecord](fields["json"])
	if err == nil {
		err = record.Sound(fingerprint)
	}
	if err != nil {
		a := ticket.Alert{}
		if said != nil {
			a = *said
		}
		a.Fingerprint, a.SenderGroup = fingerprint, fields["sender"]
		urgency, _ := strconv.ParseInt(fields["urgency"], 10, 8)
		record = ticket.DamagedAlert(a, fields["ticket"], ticket.AlertStatus(fields["status"]), ticket.Urgency(urgency))
	}
	record.Fingerprint, record.Ticket = fingerprint, fields["ticket"]
	var errs [3]error
	record.Count, errs[0] = strconv.ParseInt(fields["count"], 10, 64)
	record.LastAt, errs[1] = unstamp(fields["last"])
	record.SilentAt, errs[2] = unstamp(fields["silent"])
	if err = errors.Join(err, errors.Join(errs[:]...)); err != nil {
		s.Note(ticket.RecordAlert, fingerprint, err)
		if record.FirstAt.IsZero() {
			record.FirstAt = record.LastAt
		}
	}
	return record, record.Ticket != ""
}

// pageOf puts a page together: as it was ordered, with what became of it. If
// it cannot be read, pageOf uses its key and its fields. It is false if those
// do not say enough.
func (s *Store) pageOf(source, key string, fields map[string]string) (page ticket.Page, ok bool) {
	parsed, errKey := ticket.ParsePageKey(key)
	page, err := decode[ticket.Page](fields["json"])
	if err == nil {
		err = page.Sound(parsed)
	}
	if err != nil {
		at, _ := unstamp(fields["ordered"])
		urgency, _ := strconv.ParseInt(fields["urgency"], 10, 8)
		page = ticket.DamagedPage(parsed, source, ticket.Urgency(urgency), at)
	}
	err = errors.Join(errKey, err, fillPage(&page, source, fields))
	if err != nil {
		s.Note(ticket.RecordPage, key, err)
	}
	return page, errKey == nil
}

// pagesOf puts pages together in order. It leaves out those that are gone.
func (s *Store) pagesOf(source string, keys []string, hashes []map[string]string) (pages []ticket.Page) {
	pages = make([]ticket.Page, 0, len(hashes))
	for i, fields := range hashes {
		if len(fields) == 0 {
			continue
		}
		if page, ok := s.pageOf(source, keys[i], fields); ok {
			pages = append(pages, page)
		}
	}
	return pages
}
