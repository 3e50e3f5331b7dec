package boltstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// A batch is on the disk once it is in the journal. The file gets it later,
// together with many others. Until then the batch is in two places: in the
// writer's open transaction of the file, and in redo, from which another
// transaction can be made.

// journalKey is where the file says which store it is, and up to which
// sequence it has what the journal has.
var journalKey = []byte("journal")

// filing is the writer's work on the file.
type filing struct {
	tx      *bolt.Tx // open while there is something that the file does not have
	redo    [][]byte // what the transaction has, batch by batch
	journal *journal // nil: every batch goes to the file
	store   uint64   // the store's identity, in the journal
	written uint64   // the sequence of the last batch
	noted   bool     // noteFree has noted the file's list of free pages
}

// begin opens the transaction, with what the journal has and the file lacks.
func (s *Store) begin() (err error) {
	if s.tx != nil {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
		if err != nil {
			s.giveUp()
		}
	}()
	if s.tx, err = s.db.Begin(true); err != nil {
		s.tx = nil
		return err
	}
	return doAgain(s.tx, s.redo)
}

// giveUp ends the transaction without a trace. The next one begins anew.
func (s *Store) giveUp() {
	if s.tx != nil {
		_ = s.tx.Rollback() // harmless after Commit
		s.tx = nil
	}
}

// keep puts a batch on the disk: into the journal, or into the file if the
// journal does not take it.
func (s *Store) keep(b *batch) error {
	if j := s.journal; j != nil && !b.filed && s.isLight() && j.fits(b.redo) && j.write(b.redo, s.written+1) == nil {
		s.redo, s.written = append(s.redo, b.redo[frameHead:]), s.written+1
		return nil
	}
	return s.commitFile()
}

// isLight reports whether the file would find room in the spare for the
// transaction, should the disk be full. Half of the spare is for pages that
// change, the rest for what is new.
func (s *Store) isLight() bool {
	stats := s.tx.Stats()
	return s.spare <= 0 || stats.GetNodeCount() <= int64(s.spare/2/s.db.Info().PageSize)
}

// commitFile commits the transaction: all that the journal has, and the batch.
// If that fails, the next batch gets its sequence: the journal has no gaps.
func (s *Store) commitFile() error {
	if err := in(s.tx, inMeta).Put(journalKey, identity(s.store, s.written+1)); err != nil {
		return err
	}
	s.listFree(false)
	if err := s.tx.Commit(); err != nil {
		return err
	}
	s.noteFree()
	s.filed()
	return nil
}

// filed notes that the file has everything.
func (s *Store) filed() {
	s.tx, s.redo, s.written = nil, nil, s.written+1
	if s.journal != nil {
		s.journal.end = 0
	}
}

// settle writes to the file what only the journal has.
func (s *Store) settle() error {
	for len(s.redo) > 0 {
		_, err := s.attempt([]*op{{ctx: context.Background(), run: fileAll}})
		if err != nil && !s.yieldSpare(err) {
			return err
		}
	}
	return nil
}

// fileAll has its batch go to the file if anything waits to be written there.
func fileAll(b *batch) error {
	if len(b.s.redo) > 0 {
		b.filed, b.dirty = true, true
	}
	return nil
}

// openJournal takes over what the journal of an earlier process has, and
// begins a new one. If there is no room for it, the store has no journal.
func (s *Store) openJournal() error {
	if err := s.readIdentity(); err != nil {
		return err
	}
	path := journalPath(s.path)
	bodies, err := s.leftBehind(path)
	if errors.Is(err, errOtherJournal) {
		err = os.Rename(path, freeName(path+otherJournal))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.redo, s.written = bodies, s.written+uint64(len(bodies))
	if len(bodies) > 0 {
		if err := s.takeOver(); err != nil {
			return fmt.Errorf("take over what %s has: %w", path, err)
		}
	}
	if s.journal, err = newJournal(path, s.store); err != nil && !isFull(err) {
		return err
	}
	return nil
}

// takeOver writes to the file what redo has. If the disk is full, it uses the
// spare room.
func (s *Store) takeOver() error {
	err := s.fileRedo()
	if isFull(err) {
		s.giveSpare()
		err = s.fileRedo()
	}
	return err
}

func (s *Store) fileRedo() (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.giveUp()
			err = fmt.Errorf("%w (%v)", errDamaged, r)
		}
	}()
	err = s.begin()
	if err == nil {
		err = s.commitFile()
	}
	if err != nil {
		s.giveUp()
	}
	return err
}

// readIdentity reads which store this is, and up to which sequence it is
// written.
func (s *Store) readIdentity() error {
	return s.db.View(func(tx *bolt.Tx) error {
		v := in(tx, inMeta).Get(journalKey)
		if len(v) != 16 {
			return fmt.Errorf("which journal is its own cannot be read: %w", errDamaged)
		}
		s.store, s.written = binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[8:])
		return nil
	})
}

// leftBehind reads what a journal has and the file lacks.
func (s *Store) leftBehind(path string) ([][]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	bodies, err := readJournal(f, s.store, s.written)
	return bodies, errors.Join(err, f.Close())
}

// closeJournal removes the journal if the file has all of it.
func (s *Store) closeJournal() error {
	if s.journal == nil {
		return nil
	}
	err := s.journal.file.Close()
	if len(s.redo) == 0 {
		err = errors.Join(err, os.Remove(s.journal.file.Name()))
	}
	return err
}

// identity is the record under journalKey.
func identity(store, written uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, store), written)
}

// freeName is a name that no file has: name, or name with a number.
func freeName(name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = name + "-" + strconv.Itoa(n)
	}
}

// newIdentity makes an identity for a store that is created or restored.
func newIdentity() uint64 {
	var id [8]byte
	_, _ = rand.Read(id[:])
	return binary.BigEndian.Uint64(id[:])
}

// peek reads a little: from the file, or through the writer if the file is
// behind.
func (s *Store) peek(ctx context.Context, read func(tx *bolt.Tx) error) error {
	if !s.isAhead() {
		return s.view(ctx, read)
	}
	return s.ask(&op{ctx: ctx, weight: 1, read: read})
}

// survey reads much: from the file, which first gets everything.
func (s *Store) survey(ctx context.Context, read func(tx *bolt.Tx) error) error {
	if s.isAhead() {
		if err := s.write(ctx, 1, fileAll); err != nil { // it has no room, or no time
			return s.ask(&op{ctx: ctx, weight: 1, read: read})
		}
	}
	return s.view(ctx, read)
}

func (s *Store) isAhead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ahead
}

// answerReads does the operations that only read, before anything is written,
// and returns the others.
func (s *Store) answerReads(ops []*op) (rest []*op) {
	for _, o := range ops {
		if o.read == nil {
			rest = append(rest, o)
			continue
		}
		if o.stage.CompareAndSwap(opWaits, opRuns) {
			o.done <- s.readNow(o)
		}
	}
	return rest
}

func (s *Store) readNow(o *op) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s cannot be read: %v", s.path, r)
		}
	}()
	if err := s.mend(); err != nil {
		return err
	}
	if s.tx == nil && len(s.redo) == 0 {
		return s.db.View(o.read)
	}
	if err := s.begin(); err != nil { // the transaction may have been given up
		return err
	}
	return o.read(s.tx)
}
