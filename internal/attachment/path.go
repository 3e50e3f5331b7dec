package attachment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// shards is into how many folders those of the tickets are spread.
const shards = 256

// folderOf is the folder of a ticket's files.
func folderOf(number string) string {
	sum := sha256.Sum256([]byte(number))
	return path.Join(partKept, hex.EncodeToString(sum[:1]), written(number))
}

func shardOf(n int) string { return path.Join(partKept, fmt.Sprintf("%02x", n%shards)) }

func kept(number, id string) string     { return path.Join(folderOf(number), written(id)) }
func incoming(number, id string) string { return path.Join(partIncoming, entry(number, id)) }
func leaving(number, id string) string  { return path.Join(partLeaving, entry(number, id)) }

// entry names a ticket and a file of it.
func entry(number, id string) string { return written(number) + "." + written(id) }

// entryOf is what entry wrote; ok is false if it was not entry.
func entryOf(name string) (number, id string, ok bool) {
	before, after, found := strings.Cut(name, ".")
	number, ok = read(before)
	if !found || !ok {
		return "", "", false
	}
	id, ok = read(after)
	return number, id, ok
}

// written is a text as the name of a file: letters, digits, _ and - stand for
// themselves, any other byte is = and two digits.
func written(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; plain(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02x", c)
		}
	}
	if b.Len() == 0 {
		return "="
	}
	return b.String()
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// read is what written wrote; ok is false if it was not written.
func read(name string) (text string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch {
		case plain(name[i]):
			b.WriteByte(name[i])
		case name[i] == '=' && i+2 < len(name):
			c, err := strconv.ParseUint(name[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(c))
			i += 2
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}
