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

// The journal takes what is written to the store, between one transaction of
// the file and the next. It has its size from the start, so that to write to it
// is to overwrite: one write and one fsync, which moves nothing else of the file
// system.
//
// The file gets what it has when it is full. On a full disk that has to find
// room in the spare, which is why it is not larger.
const journalSize = 512 << 10

// A frame is mark, length and CRC (4 bytes each), store and sequence (8 each),
// big-endian, and the body. The CRC covers all that follows it.
const (
	frameMark = "\xf5BJ\xa1"
	frameHead = 28
	frameCRC  = 12 // what it covers begins here
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is the file beside the store's. Its frames count up: what the file has
// is those up to one sequence (journalKey), and the journal has those after it
// from its beginning on. Behind them older frames may lie, whose sequences do not
// follow.
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

// sizedFile is a file whose size stays.
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
	syncFolder(filepath.Dir(path)) // what the file has without its name is lost
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

// write writes a frame, made by newFrame and grown by its body. It returns when
// that is on the disk.
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

// A frame that was read.
type readFrame struct {
	store, sequence uint64
	body            []byte
}

// errNoFrame is what is no frame, or not a whole one.
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

// readJournal reads the frames that follow sequence applied, of a store. The
// last one may have been cut short by a crash: nobody was answered for it. Where
// a frame is missing before another one that follows, the journal is damaged.
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

// otherJournal is what a journal that belongs to another store is renamed by.
const otherJournal = ".of-another-store"

// Journals that do not belong to their file.
var (
	errOtherJournal = errors.New("it belongs to another store")
	errLaterJournal = errors.New("the file is older than it: move both away, and put the latest backup in the file's place with `astreinte restore BACKUP`")
)
