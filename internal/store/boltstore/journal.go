package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// The journal holds what was written to the store since the file's last
// transaction. It has its full size from the start, so each write overwrites:
// one write and one fsync, which change nothing else in the file system.
//
// When the journal is full, the file gets what it holds. On a full disk that
// has to fit into the spare room. So the journal is no larger.
const journalSize = 512 << 10

// A frame is mark, length and CRC (4 bytes each), store and sequence (8 each),
// big-endian, and the body. The CRC covers all that follows it.
const (
	frameMark = "\xf5BJ\xa1"
	frameHead = 28
	frameCRC  = 12 // what it covers begins here
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is the file beside the store's. Its frames are numbered upwards. The
// file says up to which sequence it has them (journalKey). The journal has the
// frames after that one, from its beginning on. Behind them may be older
// frames, whose sequences do not follow.
type journal struct {
	file  journalDisk
	store uint64 // tells the frames of one store from another's
	end   int64  // where the next frame goes
}

// journalDisk is the file that frames are written to.
type journalDisk interface {
	io.WriterAt
	io.Closer
	// Name is the file's path.
	Name() string
	// Sync returns when what was written is on the disk.
	Sync() error
}

// sizedFile is a file whose size does not change.
type sizedFile struct{ *os.File }

// Sync implements journalDisk.
func (f sizedFile) Sync() error { return syncData(f.File) }

// journalPath is where the journal of a store is.
func journalPath(path string) string { return path + ".journal" }

// newJournal makes the file, with its room on the disk.
func newJournal(path string, store uint64) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != journalSize {
		err = errors.Join(f.Truncate(0), fill(f))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	syncFolder(filepath.Dir(path)) // without its name the content is lost
	return &journal{file: sizedFile{f}, store: store}, nil
}

func fill(f *os.File) error {
	if _, err := f.WriteAt(make([]byte, journalSize), 0); err != nil {
		return err
	}
	return f.Sync()
}

// fits reports whether there is room for a frame.
func (j *journal) fits(frame []byte) bool { return j.end+int64(len(frame)) <= journalSize }

// write writes a frame, made by newFrame and followed by its body. It returns
// when that is on the disk.
func (j *journal) write(frame []byte, sequence uint64) error {
	j.seal(frame, sequence)
	if _, err := j.file.WriteAt(frame, j.end); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.end += int64(len(frame))
	return nil
}

// seal fills in a frame's head.
func (j *journal) seal(frame []byte, sequence uint64) {
	binary.BigEndian.PutUint32(frame[4:], uint32(len(frame)-frameHead)) //nolint:gosec // it fits
	binary.BigEndian.PutUint64(frame[12:], j.store)
	binary.BigEndian.PutUint64(frame[20:], sequence)
	binary.BigEndian.PutUint32(frame[8:], crc32.Checksum(frame[frameCRC:], castagnoli))
}

// newFrame is the beginning of a frame.
func newFrame() []byte {
	return append(append(make([]byte, 0, 4096), frameMark...), make([]byte, frameHead-len(frameMark))...)
}

// readFrame is a frame that was read.
type readFrame struct {
	store, sequence uint64
	body            []byte
}

// errNoFrame says that there is no frame, or no whole one.
var errNoFrame = errors.New("no frame")

// frameAt reads the frame that begins at off.
func frameAt(text []byte, off int) (f readFrame, next int, err error) {
	if len(text)-off < frameHead || string(text[off:off+4]) != frameMark {
		return f, 0, errNoFrame
	}
	head := text[off:]
	n := int64(binary.BigEndian.Uint32(head[4:]))
	if n > int64(len(head)-frameHead) {
		return f, 0, errNoFrame
	}
	whole := head[:frameHead+n]
	if crc32.Checksum(whole[frameCRC:], castagnoli) != binary.BigEndian.Uint32(head[8:]) {
		return f, 0, errNoFrame
	}
	f = readFrame{binary.BigEndian.Uint64(head[12:]), binary.BigEndian.Uint64(head[20:]), whole[frameHead:]}
	return f, off + len(whole), nil
}

// readJournal reads a store's frames after sequence applied. A crash may have
// cut the last one short: nobody was answered for it. If a frame is missing
// and another one follows, the journal is damaged.
func readJournal(r io.Reader, store, applied uint64) (bodies [][]byte, err error) {
	text, err := io.ReadAll(io.LimitReader(r, journalSize))
	if err != nil {
		return nil, err
	}
	last, off := uint64(0), 0
	for {
		f, next, err := frameAt(text, off)
		if err != nil || (last > 0 && f.sequence != last+1) {
			break
		}
		if f.store != store {
			return nil, errOtherJournal
		}
		if last == 0 && f.sequence > applied+1 {
			return nil, errLaterJournal
		}
		if f.sequence > applied {
			bodies = append(bodies, f.body)
		}
		last, off = f.sequence, next
	}
	for last = max(last, applied); off < len(text); off++ {
		if f, _, err := frameAt(text, off); err == nil && f.store == store && f.sequence > last {
			return nil, fmt.Errorf("a part before frame %d cannot be read: %w", f.sequence, errDamaged)
		}
	}
	return bodies, nil
}

// otherJournal is added to the name of a journal that belongs to another
// store.
const otherJournal = ".of-another-store"

// Journals that do not belong to their file.
var (
	errOtherJournal = errors.New("it belongs to another store")
	errLaterJournal = errors.New("the file is older than it: move both away, and put the latest backup in the file's place with `astreinte restore BACKUP`")
)
