// What a server does with a connected socket that never blocks. Plain functions on descriptors; as
// thread-safe as the descriptor's use.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weir::os {

// What a read or a write came to.
struct Transfer {
  std::size_t bytes = 0;
  bool is_over = false;  // the other side has gone, or the connection is broken
};

// From now on small answers leave at once.
void send_at_once(int socket);
Transfer receive(int socket, std::span<char> buffer);
// One system call for all pieces.
Transfer send_pieces(int socket, std::span<const std::string_view> pieces);
// The most pieces that send_pieces() takes.
inline constexpr std::size_t kMostPieces = 16;

// Ends both directions, or writing alone; whoever reads or waits at the socket learns of it.
void shut(int socket);
void shut_writing(int socket);
void close_socket(int socket);

// Whether bytes have come that nobody has received.
bool has_unread(int socket);

// The numeric address at the other end, or "" when it is not known.
std::string peer_address(int socket);

// How many descriptors this process may have open.
std::size_t most_descriptors();

}  // namespace weir::os
