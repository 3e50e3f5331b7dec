package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"time"
)

// A frame is mark, length and CRC (4 bytes each), sequence and time (8 each),
// big-endian, and the body. The CRC covers all that follows it.
const (
	mark      = "\xf5SP\xa1"
	frameHead = 28
	crcFrom   = 12
	// MaxBody bounds a record's JSON, in bytes.
	MaxBody = 64 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is one frame, read or to be written.
type frame struct {
	seq  uint64
	at   time.Time
	body []byte
}

func (f *frame) size() int64 { return frameHead + int64(len(f.body)) }

// append writes the frame behind b.
func (f *frame) append(b []byte) []byte {
	from := len(b)
	b = append(b, mark...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.body))) //nolint:gosec // MaxBody is far below
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint64(b, f.seq)
	b = binary.BigEndian.AppendUint64(b, uint64(f.at.UnixNano()))
	b = append(b, f.body...)
	binary.BigEndian.PutUint32(b[from+8:], crc32.Checksum(b[from+crcFrom:], castagnoli))
	return b
}

// Why a frame cannot be read.
var (
	errShort  = errors.New("it is cut short")
	errBroken = errors.New("it is damaged")
)

// readFrame reads the frame at off of a file that ends at end: io.EOF if
// nothing is there, errShort if the file ends within it, errBroken if it
// is no frame.
func readFrame(r io.ReaderAt, off, end int64) (f frame, err error) {
	if off >= end {
		return f, io.EOF
	}
	head := make([]byte, min(frameHead, end-off))
	if err := readFull(r, head, off); err != nil {
		return f, err
	}
	if n := min(len(head), len(mark)); string(head[:n]) != mark[:n] {
		return f, errBroken
	}
	if len(head) < frameHead {
		return f, errShort
	}
	length := int64(binary.BigEndian.Uint32(head[4:]))
	if length > MaxBody {
		return f, errBroken
	}
	if off+frameHead+length > end {
		return f, errShort
	}
	f.body = make([]byte, length)
	if err := readFull(r, f.body, off+frameHead); err != nil {
		return f, err
	}
	crc := crc32.Update(crc32.Checksum(head[crcFrom:], castagnoli), castagnoli, f.body)
	if crc != binary.BigEndian.Uint32(head[8:]) {
		return f, errBroken
	}
	f.seq = binary.BigEndian.Uint64(head[12:])
	f.at = time.Unix(0, int64(binary.BigEndian.Uint64(head[20:]))).UTC() //nolint:gosec // the bits are meant
	return f, nil
}

func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// searched is how much is looked at in one go for the next frame.
const searched = 1 << 20

// nextFrame is where the first readable frame at or after off begins; end
// if there is none.
func nextFrame(r io.ReaderAt, off, end int64) (int64, error) {
	for off < end {
		window := make([]byte, min(searched, end-off))
		if err := readFull(r, window, off); err != nil {
			return end, err
		}
		i := bytes.Index(window, []byte(mark))
		switch {
		case i < 0 && off+int64(len(window)) == end:
			return end, nil
		case i < 0:
			off += int64(len(window) - len(mark) + 1)
			continue
		}
		off += int64(i)
		switch _, err := readFrame(r, off, end); {
		case err == nil:
			return off, nil
		case errors.Is(err, errShort), errors.Is(err, errBroken):
			off++
		default:
			return end, err
		}
	}
	return end, nil
}

// zeros reports whether the file holds nothing but zeros from off on: what a
// crash leaves of space that was never written to.
func zeros(r io.ReaderAt, off, end int64) (bool, error) {
	for off < end {
		window := make([]byte, min(searched, end-off))
		if err := readFull(r, window, off); err != nil {
			return false, err
		}
		if len(bytes.Trim(window, "\x00")) > 0 {
			return false, nil
		}
		off += int64(len(window))
	}
	return true, nil
}
