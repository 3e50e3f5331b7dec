package spool

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Names in the folder.
const (
	logName  = "spool.log"
	newName  = "spool.log.new"
	lockName = "spool.lock"
)

// Report says what Open found.
type Report struct {
	Records int   // of alerts that wait
	Cut     int64 // bytes of a record that a crash cut short; nobody was answered for it
	// Damaged is how many bytes could not be read, Aside the copy of the file
	// as it was found. The records around them are kept.
	Damaged int64
	Aside   string
}

// Open opens the spool in a folder, and makes it if it does not exist. It
// refuses a folder that another process holds, and a file that a newer version
// wrote. limit bounds the file, in bytes; 0: DefaultMax.
func Open(dir string, limit int64) (*Spool, Report, error) {
	s := &Spool{dir: dir, limit: limit}
	if s.limit == 0 {
		s.limit = DefaultMax
	}
	report, err := s.open()
	if err != nil {
		return nil, report, fmt.Errorf("spool: open %s: %w", dir, err)
	}
	return s, report, nil
}

func (s *Spool) open() (report Report, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return report, err
	}
	if s.lock, err = os.OpenFile(s.path(lockName), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return report, err
	}
	defer func() {
		if err != nil {
			_ = s.lock.Close() // nothing was written to it
		}
	}()
	if err := lockFile(s.lock); err != nil {
		return report, err
	}
	f, err := os.OpenFile(s.path(logName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return report, err
	}
	found, err := scan(f)
	if err == nil {
		f, report, err = s.mend(f, &found)
	}
	if err != nil {
		return report, errors.Join(err, f.Close())
	}
	s.file, s.head, s.id, s.seq, s.last = f, found.head, found.id, found.seq, found.last
	s.end, s.stats = found.end, found.stats
	s.stats.Bytes = s.end
	report.Records = s.stats.Records
	return report, nil
}

func (s *Spool) path(name string) string { return filepath.Join(s.dir, name) }

// scanned is what a file holds.
type scanned struct {
	id        string
	head, end int64 // of the first frame; of the last one that can be read
	seq       uint64
	last      time.Time
	stats     Stats
	good      []span // what can be read, the first frame left out
	damaged   int64
	cut       int64
}

// span is a part of a file.
type span struct{ from, to int64 }

// scan goes through a whole file.
func scan(f *os.File) (found scanned, err error) {
	info, err := f.Stat()
	if err != nil {
		return found, err
	}
	size := info.Size()
	for off := int64(0); ; {
		fr, err := readFrame(f, off, size)
		switch {
		case err == nil:
			if err := found.count(&fr, off); err != nil {
				return found, err
			}
			off = found.end
			continue
		case errors.Is(err, io.EOF):
			return found, nil
		case !errors.Is(err, errShort) && !errors.Is(err, errBroken):
			return found, err
		}
		next, err2 := nextFrame(f, off+1, size)
		empty, err3 := zeros(f, off, size)
		if err := errors.Join(err2, err3); err != nil {
			return found, err
		}
		if next == size && (empty || errors.Is(err, errShort)) {
			found.cut = size - off
			return found, nil
		}
		found.damaged += next - off
		off = next
	}
}

// count counts a frame that can be read.
func (found *scanned) count(f *frame, off int64) error {
	found.end = off + f.size()
	if f.seq == 0 {
		var h header
		if err := json.Unmarshal(f.body, &h); err != nil {
			return fmt.Errorf("its version cannot be read: %w", err)
		}
		if h.Version > version {
			return fmt.Errorf("a newer astreinte wrote it (version %d, this one knows %d): run that version until it is merged", h.Version, version)
		}
		found.id, found.head = h.ID, found.end
		return nil
	}
	r, err := f.record()
	if err != nil {
		return err // its CRC is right: it is of another make
	}
	found.stats.count(&r)
	found.seq, found.last = max(found.seq, f.seq), f.at
	if n := len(found.good); n > 0 && found.good[n-1].to == off {
		found.good[n-1].to = found.end
	} else {
		found.good = append(found.good, span{off, found.end})
	}
	return nil
}

// mend makes a new file if there is none, cuts off what a crash left at the
// end, and puts a damaged file aside for one with what can be read of it.
func (s *Spool) mend(f *os.File, found *scanned) (*os.File, Report, error) {
	report := Report{Cut: found.cut, Damaged: found.damaged}
	if found.damaged == 0 && found.head > 0 {
		if found.cut == 0 {
			return f, report, nil
		}
		return f, report, errors.Join(f.Truncate(found.end), f.Sync())
	}
	if found.id == "" {
		found.id = rand.Text()[:4]
	}
	if found.damaged > 0 {
		report.Aside = s.path("spool.damaged-" + time.Now().UTC().Format("20060102T150405.000"))
		if err := os.Link(s.path(logName), report.Aside); err != nil {
			return f, report, fmt.Errorf("it is damaged, and no copy of it can be kept: %w", err)
		}
	}
	fresh, err := s.rewrite(f, found)
	if err != nil {
		return f, report, err
	}
	_ = f.Close() // it was only read
	return fresh, report, nil
}

// rewrite puts a file with the first frame and what can be read of f into its
// place.
func (s *Spool) rewrite(f *os.File, found *scanned) (fresh *os.File, err error) {
	if fresh, err = os.OpenFile(s.path(newName), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600); err != nil {
		return nil, err
	}
	body, err := json.Marshal(header{Version: version, ID: found.id})
	if err == nil {
		_, err = fresh.Write((&frame{body: body}).append(nil))
	}
	found.head = frameHead + int64(len(body))
	found.end = found.head
	for _, part := range found.good {
		if err == nil {
			_, err = io.Copy(fresh, io.NewSectionReader(f, part.from, part.to-part.from))
		}
		found.end += part.to - part.from
	}
	if err == nil {
		err = fresh.Sync()
	}
	if err == nil {
		err = os.Rename(s.path(newName), s.path(logName))
	}
	if err == nil {
		err = syncFolder(s.dir)
	}
	if err != nil {
		return nil, errors.Join(err, fresh.Close())
	}
	return fresh, nil
}

// syncFolder makes sure of a file's name.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
