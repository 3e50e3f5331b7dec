package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Load reads tickets of a source.
func (s *Store) Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error) {
	records := make([]ticket.Record, 0, len(numbers))
	var damaged []string
	err := s.peek(ctx, func(tx *bolt.Tx) error {
		for _, number := range numbers {
			record, h, err := s.loadTicket(tx, number)
			switch {
			case errors.Is(err, escalation.ErrDamaged), errors.Is(err, escalation.ErrNotFound) && s.isLive(number):
				damaged = append(damaged, number)
			case errors.Is(err, escalation.ErrNotFound):
			case err != nil:
				return err
			case h.source == source:
				records = append(records, record)
			}
		}
		return nil
	})
	if err == nil {
		err = s.abandon(ctx, damaged)
	}
	if err != nil {
		return nil, fmt.Errorf("boltstore: load tickets %q: %w", numbers, err)
	}
	return records, nil
}

// Locate finds the source of a ticket. The error is escalation.ErrDamaged if
// the ticket's record cannot be read.
func (s *Store) Locate(ctx context.Context, number string) (source string, err error) {
	err = s.peek(ctx, func(tx *bolt.Tx) error {
		_, h, err := s.loadTicket(tx, number)
		source = h.source
		return err
	})
	if err != nil {
		return "", fmt.Errorf("boltstore: locate ticket %q: %w", number, err)
	}
	return source, nil
}

// Alerts finds alerts by the index.
func (s *Store) Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error) {
	var found []foundAlert
	var records []ticket.AlertRecord
	err := s.snapshot(ctx, func() { found = s.ix.source(source).byFingerprint(fingerprints) }, func(tx *bolt.Tx) error {
		records = make([]ticket.AlertRecord, len(found))
		for i := range found {
			records[i] = s.loadAlert(tx, &found[i], nil)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("boltstore: read alerts of source %s: %w", source, err)
	}
	return records, nil
}

// Grouped answers by the index alone.
func (s *Store) Grouped(ctx context.Context, source, senderGroup string) ([]string, error) {
	if err := s.usable(ctx); err != nil {
		return nil, fmt.Errorf("boltstore: alerts of a group of source %s: %w", source, err)
	}
	s.mu.Lock()
	fingerprints := s.ix.source(source).bySender(senderGroup)
	s.mu.Unlock()
	slices.Sort(fingerprints)
	return fingerprints, nil
}

func (s *source) byFingerprint(fingerprints []string) (found []foundAlert) {
	for _, f := range fingerprints {
		if a := s.alert(f); a != nil {
			found = append(found, a.found())
		}
	}
	return found
}

func (s *source) bySender(group string) (fingerprints []string) {
	if s == nil || group == "" {
		return nil
	}
	for a := s.senders[group]; a != nil; a = a.next {
		if a.status != statusResolved {
			fingerprints = append(fingerprints, a.fingerprint)
		}
	}
	return fingerprints
}
