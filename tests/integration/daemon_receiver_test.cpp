// The daemon's receiver of deliveries, against clients that anybody could be.
#include <gmock/gmock.h>

#include "daemon/entries/receiver.h"
#include "integration/poll_fixture.h"
#include "support/raw_client.h"

namespace weir::daemon {
namespace {

using ::testing::HasSubstr;

class DaemonReceiverTest : public PollTest {
 protected:
  static std::string head_of(const std::string& path, std::size_t bytes) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) +
           "\r\n\r\n";
  }
  testing::RawClient connect() const { return testing::RawClient(receiver_->port()); }
  std::string answer_to(const std::string& text) const {
    const testing::RawClient raw = connect();
    raw.send(text);
    return raw.read_answer();
  }

  const std::unique_ptr<Receiver> receiver_ = Receiver::start("127.0.0.1", 0).value();
};

TEST_F(DaemonReceiverTest, ADeliveryForNobodyIsRefusedBeforeItsBody) {
  EXPECT_THAT(answer_to(head_of("/NOBODY", 8'000'000)), HasSubstr(" 404 "));
}

}  // namespace
}  // namespace weir::daemon
