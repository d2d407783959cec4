"""What a population says: verdict, contest, ceiling, predictor, leaderboard; as a figure and as pages."""
