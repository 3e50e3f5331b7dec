package doorway

import "testing"

func TestRoom(t *testing.T) {
	for _, tt := range []struct {
		descriptors, others uint64
		most                int
		enough              bool
	}{
		{300, 0, 140, true},
		{1024, 0, 864, true},
		{1 << 20, 0, Most, true},
		{^uint64(0), 0, Most, true},
		{kept + Fewest, 0, Fewest, true},
		{kept + Fewest - 1, 0, Fewest, false},
		{0, 0, Fewest, false},
		{300, 64, 76, true}, // 64 mail servers may be connected
		{1 << 20, 64, Most, true},
		{kept + 64 + Fewest, 64, Fewest, true},
		{kept + 64 + Fewest - 1, 64, Fewest, false},
	} {
		if most, enough := room(tt.descriptors, tt.others); most != tt.most || enough != tt.enough {
			t.Errorf("%d descriptors: %d connections, enough %t; want %d, %t", tt.descriptors, most, enough, tt.most, tt.enough)
		}
	}
}
