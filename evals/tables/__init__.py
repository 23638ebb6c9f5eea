"""What trains and measures the answers over tables (`agent.answering.tables`)."""
