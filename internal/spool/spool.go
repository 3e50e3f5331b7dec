package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// DefaultMax bounds the file, in bytes: some 200,000 requests of one alert.
const DefaultMax = 256 << 20

// ErrFull refuses a record because the file has reached its bound.
var ErrFull = errors.New("the spool is full")

// Spool is an open spool. All its methods may be called at the same time.
type Spool struct {
	dir, id string
	limit   int64
	lock    *os.File

	mu      sync.Mutex
	pending []*waiting
	stats   Stats
	end     int64 // what is on the disk

	writing sync.Mutex // held by who writes; guards what follows
	file    file
	seq     uint64
	last    time.Time
	head    int64 // the end of the first frame
	broken  error // the file may go on behind its end
}

// file is the part of *os.File that a spool needs.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// Stats say what is kept.
type Stats struct {
	Records int    // those of alerts, notes left out
	Bytes   int64  // of the file
	First   Record // the oldest of them, without its alerts; zero if there is none
}

// waiting is a record whose caller waits for the disk.
type waiting struct {
	frame  frame
	record Record
	done   bool
	err    error
}

// ID is a name of this spool that other spools hardly have, of four capital letters or
// digits.
func (s *Spool) ID() string { return s.id }

// Stats says what is kept now.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Append keeps a record and returns it with its number and its time, which is
// r.At, or a little after the record before if r.At is not later. When the
// error is nil the record is on the disk. ErrFull, or an error of the disk,
// means that nothing was kept.
func (s *Spool) Append(r Record) (Record, error) {
	body, err := json.Marshal(&r)
	if err == nil && len(body) > MaxBody {
		err = fmt.Errorf("a record of %d bytes is too large", len(body))
	}
	if err != nil {
		return r, fmt.Errorf("spool: keep alerts of %s: %w", r.Source, err)
	}
	w := &waiting{record: r, frame: frame{body: body}}
	s.mu.Lock()
	s.pending = append(s.pending, w)
	s.mu.Unlock()

	s.writing.Lock() // whoever gets it writes for all who wait
	if !w.done {
		s.flush()
	}
	s.writing.Unlock()
	if w.err != nil {
		return r, fmt.Errorf("spool: keep alerts of %s: %w", r.Source, w.err)
	}
	return w.record, nil
}

// flush writes all that wait with one fsync.
func (s *Spool) flush() {
	s.mu.Lock()
	batch, end := s.pending, s.end
	s.pending = nil
	s.mu.Unlock()

	var bytes []byte
	var kept []*waiting
	for _, w := range batch {
		w.done = true
		if end+int64(len(bytes))+w.frame.size() > s.limit {
			w.err = fmt.Errorf("%w: %s holds %d bytes, %d are allowed", ErrFull, s.dir, end, s.limit)
			continue
		}
		s.seq++
		if w.frame.at = w.record.At.UTC().Round(0); !w.frame.at.After(s.last) {
			w.frame.at = s.last.Add(time.Nanosecond)
		}
		s.last, w.frame.seq = w.frame.at, s.seq
		w.record.Seq, w.record.At = w.frame.seq, w.frame.at
		bytes = w.frame.append(bytes)
		kept = append(kept, w)
	}
	if len(kept) == 0 {
		return
	}
	if err := s.write(bytes, end); err != nil {
		for _, w := range kept {
			w.err = err
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end = end + int64(len(bytes))
	for _, w := range kept {
		s.stats.count(&w.record)
	}
	s.stats.Bytes = s.end
}

// write puts bytes at the end of the file and on the disk, or leaves the file
// as it was.
func (s *Spool) write(bytes []byte, end int64) error {
	if s.broken != nil {
		if err := errors.Join(s.file.Truncate(end), s.file.Sync()); err != nil {
			return fmt.Errorf("the file cannot be brought back to its end: %w", err)
		}
		s.broken = nil
	}
	_, err := s.file.WriteAt(bytes, end)
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		return nil
	}
	s.broken = errors.Join(s.file.Truncate(end), s.file.Sync())
	return errors.Join(err, s.broken)
}

func (s *Stats) count(r *Record) {
	if r.Moved != nil {
		return
	}
	if s.Records == 0 {
		s.First = Record{Seq: r.Seq, At: r.At, Since: r.Since, Source: r.Source}
	}
	s.Records++
}

// Start is the place of the oldest record.
func (s *Spool) Start() int64 { return s.head }

// Read reads records in order from a place on, notes too, up to limit, and
// says where the next one is. No records and no error: that was all.
func (s *Spool) Read(from int64, limit int) (records []Record, next int64, err error) {
	s.mu.Lock()
	end := s.end
	s.mu.Unlock()
	for next = from; len(records) < limit; {
		f, err := readFrame(s.file, next, end)
		if errors.Is(err, io.EOF) {
			return records, next, nil
		}
		var r Record
		if err == nil {
			r, err = f.record()
		}
		if err != nil {
			return records, next, fmt.Errorf("spool: read %s at %d: %w", s.dir, next, err)
		}
		records, next = append(records, r), next+f.size()
	}
	return records, next, nil
}

// Reset forgets all records. It is for when everything is where it belongs,
// with nobody appending.
func (s *Spool) Reset() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := errors.Join(s.file.Truncate(s.head), s.file.Sync()); err != nil {
		return fmt.Errorf("spool: empty %s: %w", s.dir, err)
	}
	s.broken = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end, s.stats = s.head, Stats{Bytes: s.head}
	return nil
}

// Close gives the folder up. What is kept stays; nothing more can be. A second
// Close does nothing.
func (s *Spool) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := errors.Join(s.file.Close(), s.lock.Close()); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("spool: close %s: %w", s.dir, err)
	}
	return nil
}
