package boltstore

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestDamagedRecords(t *testing.T) {
	storetest.RunDamaged(t, func(t *testing.T) storetest.Damageable {
		s := openTest(t, filepath.Join(t.TempDir(), "astreinte.db"))
		return storetest.Damageable{Store: s, Spoil: func(d storetest.Damage) { spoil(t, s, d) }}
	})
}

func TestDamagedRecordsAreFoundAtAStart(t *testing.T) {
	storetest.RunDamaged(t, func(t *testing.T) storetest.Damageable {
		path := filepath.Join(t.TempDir(), "astreinte.db")
		s := openTest(t, path)
		return storetest.Damageable{Store: s, Spoil: func(d storetest.Damage) { spoil(t, s, d) }, Reopen: func() storetest.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return openTest(t, path)
		}}
	})
}

// spoil writes behind the store's back: the store's memory keeps the old
// content.
func spoil(t *testing.T, s *Store, d storetest.Damage) {
	t.Helper()
	s.mu.Lock()
	s.phones = nil
	s.mu.Unlock()
	err := s.write(t.Context(), 1, func(b *batch) error {
		in, key, head := placeOfDamage(t, b, d)
		switch {
		case d.Gone:
			return b.remove(in, key)
		case d.Whole:
			head = nil
		}
		return b.put(in, key, append(bytes.Clone(head), d.Text...))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// placeOfDamage is where the record is, and its head.
func placeOfDamage(t *testing.T, b *batch, d storetest.Damage) (in bucket, key, head []byte) {
	in = inTickets
	var body []byte
	var err error
	switch d.Kind {
	case ticket.RecordTicket:
		key = ticketKey(d.Ticket)
		head = b.in(in).Get(key)
		_, body, err = readTicket(head)
	case ticket.RecordAlert:
		key = alertKey(d.Ticket, d.Key)
		head = b.in(in).Get(key)
		_, body, err = readAlert(nil, head)
	case ticket.RecordPage:
		key = partKey(d.Ticket, kindPage, strings.TrimPrefix(d.Key, d.Ticket+"/"))
		head = b.in(in).Get(key)
		_, body, err = readPageHead(head)
	case ticket.RecordEntry:
		key, _ = b.in(in).Cursor().Seek(partKey(d.Ticket, kindEntry, ""))
		return in, bytes.Clone(key), nil
	case ticket.RecordLink:
		return inLinks, []byte(d.Key), nil
	case ticket.RecordOther:
		return inRecords, recordKey(d.Source, "silence", d.Key), nil
	case ticket.RecordCode:
		phone, _, _ := strings.Cut(d.Key, " ")
		return inCodes, codeKey(phone, 11), nil
	case ticket.RecordIndex:
	}
	if err != nil {
		t.Fatal(err)
	}
	return in, key, head[:len(head)-len(body)]
}

// What leads to the records may be damaged too. The file opens, and the store
// works on what can be found.
func TestDamagedIndexes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	tk := storetest.Ticket(benchSource, "I261121_0007")
	c := storetest.Opening(&tk, storetest.Alert(benchSource, "a"))
	c.Pages = []ticket.Page{storetest.Page(&tk, "alice")}
	commitTest(t, s, c)
	if _, err := s.Numbers(t.Context(), benchSource, storetest.Prefix, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	boltTest(t, path, func(tx *bolt.Tx) error {
		for b, records := range map[bucket]map[string]string{
			inLists:   {"a": "", "a12345678I261121_9999": "", string(timeKey(classActive, 1, "I261121_8888")): ""},
			inQueue:   {"short": "no page", string(sequenceKey(999)): "I261121_9999\x00p1/0/0/alice/sms"},
			inHeard:   {"I261121_0007\x00aa": "cut", "I261121_0007\x00ab": "of nobody"},
			inNumbers: {storetest.Prefix: "many"},
		} {
			for k, v := range records {
				if err := in(tx, b).Put([]byte(k), []byte(v)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s = openTest(t, path)
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	numbers, err := s.Numbers(t.Context(), benchSource, storetest.Prefix, 1)
	if err != nil || numbers[0] != "I261121_10008" {
		t.Errorf("numbers go on at %v, %v", numbers, err)
	}
	if tickets, _, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 10}); err != nil || len(tickets) != 1 {
		t.Errorf("listed %d: %v", len(tickets), err)
	}
	if found := s.Damaged(); len(found) < 5 {
		t.Errorf("counted %+v", found)
	}
}
